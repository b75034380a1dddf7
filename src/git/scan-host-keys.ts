import { spawn } from 'node:child_process'
import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'
import { type HostKey, knownHostName } from './known-hosts.ts'
import { keyFingerprint, parsePublicKey } from './public-key.ts'
import type { RepositoryUrl } from './repository-url.ts'

const maxOutputBytes = 64 * 1024
const timeoutMs = 30_000
/** The kinds that git hosts have, the best first. */
const types = 'ed25519,ecdsa,rsa'
const rank = (type: string) => ['ssh-ed25519', 'ecdsa', 'ssh-rsa'].findIndex(start => type.startsWith(start))

/**
 * The host keys that a server shows now. Nothing tells yet that it is the right server: a person compares the
 * fingerprints. Sends no credential. Fails with E_HOST_KEY_SCAN.
 */
export async function scanHostKeys(
  { host, port }: Pick<RepositoryUrl, 'host' | 'port'>,
  signal?: AbortSignal,
): Promise<HostKey[]> {
  const name = knownHostName(host, port)
  // ssh-keyscan takes what starts with `-` for an option, and knows no `--` before OpenSSH 9.
  if (host.startsWith('-')) throw new SluiceError('E_HOST_KEY_SCAN', { object: name, expected: 'a host name' })
  const args = ['-T', '10', '-p', port ?? '22', '-t', types, host.replace(/^\[(.*)\]$/, '$1')]
  const { out, err } = await run(name, args, signal)
  const keys: HostKey[] = []
  for (const line of out.split('\n')) {
    const parsed = parsePublicKey(line.replace(/^\S+\s+/, ''))
    if (parsed && !line.startsWith('#')) keys.push({ ...parsed, fingerprint: keyFingerprint(parsed.body) })
  }
  if (keys.length === 0) {
    const said = redact(err)
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .join('; ')
    throw new SluiceError('E_HOST_KEY_SCAN', {
      object: name,
      expected: 'an SSH server',
      seen: said === '' ? 'no answer' : said.slice(0, 300),
    })
  }
  return keys.sort((a, b) => rank(a.type) - rank(b.type))
}

function run(name: string, args: readonly string[], signal: AbortSignal | undefined) {
  return new Promise<{ out: string; err: string }>((resolve, reject) => {
    signal?.throwIfAborted()
    const child = spawn('ssh-keyscan', args, {
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    })
    const texts = { out: '', err: '' }
    for (const [stream, key] of [
      [child.stdout, 'out'],
      [child.stderr, 'err'],
    ] as const) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        texts[key] = (texts[key] + text).slice(0, maxOutputBytes)
      })
    }
    child.on('error', error => {
      if (signal?.aborted) return reject(signal.reason)
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      reject(
        new SluiceError('E_HOST_KEY_SCAN', {
          object: name,
          seen: missing ? 'no program ssh-keyscan on the PATH' : String(error),
          cause: error,
        }),
      )
    })
    child.on('close', () => resolve(texts))
  })
}
