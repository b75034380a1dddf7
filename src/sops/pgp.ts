import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../secrets/secret.ts'
import { Failure } from './failure.ts'
import type { PgpOpener } from './keys.ts'

const timeLimitMs = 30_000
const outputLimit = 64 * 1024

/**
 * Opens PGP messages with armoured secret keys, by gpg in a home of its own that only lives for the call: keys of the
 * person or of another Kustomization are never seen, and nothing is left behind.
 */
export function gpgOpener(keys: readonly Secret[]): PgpOpener {
  return {
    async open(message) {
      const home = await mkdtemp(join(tmpdir(), 'slg-'))
      try {
        for (const key of keys) {
          const { code } = await gpg(home, ['--import'], key.reveal())
          if (code !== 0)
            throw new Failure('E_SOPS_GPG', { expected: 'an armoured PGP secret key', seen: 'a key that gpg refuses' })
        }
        const { code, output } = await gpg(home, ['--trust-model', 'always', '--decrypt'], message)
        return code === 0 ? output : undefined
      } finally {
        await run('gpgconf', home, ['--homedir', home, '--kill', 'all'], '').catch(() => undefined)
        await rm(home, { recursive: true, force: true })
      }
    },
  }
}

function gpg(home: string, args: readonly string[], input: string): Promise<{ code: number; output: Buffer }> {
  const quiet = ['--homedir', home, '--batch', '--quiet', '--no-tty', '--no-options', '--pinentry-mode', 'error']
  return run('gpg', home, [...quiet, ...args], input)
}

function run(
  program: string,
  home: string,
  args: readonly string[],
  input: string,
): Promise<{ code: number; output: Buffer }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'] ?? '', HOME: home, GNUPGHOME: home, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: timeLimitMs,
      killSignal: 'SIGKILL',
    })
    const parts: Buffer[] = []
    let size = 0
    child.stdout.on('data', (part: Buffer) => {
      size += part.length
      if (size > outputLimit) child.kill('SIGKILL')
      else parts.push(part)
    })
    child.on('error', cause => reject(new Failure('E_SOPS_GPG', { seen: `${program} cannot be started`, cause })))
    child.on('close', code => resolve({ code: code ?? -1, output: Buffer.concat(parts) }))
    // It may end before it has read all.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
