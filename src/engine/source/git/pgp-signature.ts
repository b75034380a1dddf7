import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const timeoutMs = 20_000
const outputLimit = 256 * 1024

/**
 * A PGP signature by one of the given keys, checked by the installed gpg in a home of its own that is gone afterwards: no
 * key, agent, configuration or network of the machine takes part. Gives the id of the primary key, or a problem.
 */
export async function verifyPgpSignature(
  payload: Buffer,
  armored: string,
  keyFiles: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly keyId: string } | { readonly problem: string }> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-gpg-'))
  try {
    const signature = join(home, 'signature.asc')
    await writeFile(signature, armored, { mode: 0o600 })
    for (const [at, keys] of keyFiles.entries()) {
      const file = join(home, `keys-${at}.asc`)
      await writeFile(file, keys, { mode: 0o600 })
      const imported = await gpg(home, ['--import', file], undefined, signal)
      if (imported === undefined) return { problem: notInstalled }
    }
    const status = await gpg(home, ['--verify', signature, '-'], payload, signal)
    return status === undefined ? { problem: notInstalled } : judge(status)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

const notInstalled = 'PGP signatures need the program gpg, which cannot be started: install it, or sign with SSH keys'

/** What gpg's status lines (doc/DETAILS) say. Only a good signature by a key that is valid now counts. */
function judge(status: string): { readonly keyId: string } | { readonly problem: string } {
  const has = (word: string) => new RegExp(`^\\[GNUPG:\\] ${word}( |$)`, 'm').test(status)
  const primary = /^\[GNUPG:\] VALIDSIG (?:\S+ ){9}([0-9A-F]{40})/m.exec(status)?.[1]
  if (has('BADSIG')) return { problem: 'the signature does not match' }
  if (has('NO_PUBKEY')) return { problem: 'the key that signed is none of the trusted keys' }
  if (has('REVKEYSIG')) return { problem: 'the key that signed is revoked' }
  if (has('EXPKEYSIG')) return { problem: 'the key that signed is expired' }
  if (has('EXPSIG')) return { problem: 'the signature is expired' }
  // Exactly one good signature: several, of which one is good, are no proof.
  const good = status.match(/^\[GNUPG:\] GOODSIG /gm)?.length ?? 0
  const total = status.match(/^\[GNUPG:\] NEWSIG/gm)?.length ?? 1
  if (good !== 1 || total > 1 || has('ERRSIG') || primary === undefined) return { problem: 'the signature is broken' }
  return { keyId: primary.slice(-16) }
}

/** The status lines of one gpg; undefined when it cannot be started. */
function gpg(
  home: string,
  args: readonly string[],
  input: Buffer | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const always = ['--homedir', home, '--batch', '--no-tty', '--no-options', '--no-autostart', '--no-auto-key-retrieve']
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = spawn('gpg', [...always, '--trust-model', 'always', '--status-fd', '1', ...args], {
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, GNUPGHOME: home, LC_ALL: 'C' },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let out = ''
    const stop = () => child.kill('SIGKILL')
    const timer = setTimeout(stop, timeoutMs)
    signal.addEventListener('abort', stop, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      if (out.length < outputLimit) out += chunk.toString('latin1')
    })
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const end = (value: string | undefined) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      if (signal.aborted) reject(signal.reason)
      else resolve(value)
    }
    child.on('error', () => end(undefined))
    child.on('close', () => end(out))
  })
}
