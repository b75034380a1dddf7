import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '../../base/atomic-file.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { HostKeyFinding } from '../../git/trust-host.ts'
import { type CliIo, note } from '../io.ts'

/** How a host key is confirmed. */
export interface HostKeyOptions {
  readonly acceptHostKey?: string
  readonly replace?: boolean
  /** Where confirmed keys are kept. */
  readonly knownHostsFile: string
  /** Lines that know hosts already, besides the kept ones: of EKSA_GIT_KNOWN_HOSTS. */
  readonly alsoKnown?: string
}

/**
 * Fetches the host keys of `HOST[:PORT]`, shows them, asks once and keeps them. A changed key is refused.
 *
 * @throws E_HOST_KEY_SCAN, E_HOST_KEY_CHANGED, E_HOST_KEY_UNKNOWN
 */
export async function confirmHostKeys(text: string, options: HostKeyOptions, io: CliIo): Promise<HostKeyFinding> {
  const { scanHostKeys } = await import('../../git/scan-host-keys.ts')
  const { judgeHostKeys, trustHostKeys } = await import('../../git/trust-host.ts')
  const at = sshPlace(text)
  const kept = await readFile(options.knownHostsFile, 'utf8').catch(missing)
  const finding = judgeHostKeys(at, await scanHostKeys(at, io.signal), `${options.alsoKnown ?? ''}\n${kept}`)
  const accept = options.acceptHostKey
  const lines = await trustHostKeys(finding, kept, {
    ...(accept === undefined ? {} : { accept }),
    ...(options.replace ? { replace: true } : {}),
    ...(accept === undefined && io.stdin.isTTY ? { ask: found => ask(found, io) } : {}),
  })
  if (lines !== undefined) await writeFileAtomic(options.knownHostsFile, lines, 0o600)
  return finding
}

async function ask(finding: HostKeyFinding, io: CliIo): Promise<boolean> {
  const { name, shown, publishedBy, contradicted, state, confirmed } = finding
  if (state === 'changed') {
    note(io, io.err.bad(`The host keys of ${name} have CHANGED. Confirmed before:`))
    for (const key of confirmed) note(io, `  ${key.type} ${key.fingerprint}`)
  }
  note(io, `${name} shows the SSH host ${shown.length === 1 ? 'key' : 'keys'}:`)
  for (const key of shown) note(io, `  ${key.type} ${key.fingerprint}`)
  if (publishedBy !== undefined) note(io, io.err.good(`  matches what ${publishedBy} publishes`))
  else if (contradicted) note(io, io.err.bad(`  DOES NOT match what ${name} publishes`))
  else note(io, '  Compare it with what the people who run the server say.')
  const { confirm } = await import('../confirm.ts')
  return confirm(io, 'Is it the right server?')
}

/** `HOST`, `HOST:PORT`, `[HOST]:PORT` or an ssh address. Fails with E_USAGE. */
export function sshPlace(text: string): { host: string; port: string | undefined } {
  const [, host, port] =
    /^(?:ssh:\/\/)?(?:[^/@\s]+@)?(\[[^\]\s]+\]|[^/:@[\]\s]+)(?::(\d{1,5}))?(?:\/.*)?$/.exec(text.trim()) ?? []
  const bare = host?.replace(/^\[(.*)\]$/, '$1')
  if (bare === undefined || !/^[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?$/.test(bare))
    throw new SluiceError('E_USAGE', { expected: 'HOST or HOST:PORT', seen: JSON.stringify(text.slice(0, 80)) })
  return { host: bare, port: port === '22' ? undefined : port }
}

function missing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw new SluiceError('E_FILE_READ', { object: error.path ?? 'known_hosts', seen: error.code ?? '', cause: error })
}
