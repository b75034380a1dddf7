import { createHmac } from 'node:crypto'
import { keyFingerprint, type PublicKey, parsePublicKey } from './public-key.ts'

/** A host's key as it was shown or is known. */
export interface HostKey extends PublicKey {
  /** `SHA256:…`. */
  readonly fingerprint: string
}

/** How known_hosts names a host: bare on port 22, `[host]:port` otherwise (sshd(8)). */
export function knownHostName(host: string, port: string | undefined): string {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return port === undefined || port === '22' ? name : `[${name}]:${port}`
}

/** One line of known_hosts. */
export function knownHostLine(name: string, { type, body }: PublicKey): string {
  return `${name} ${type} ${body}`
}

/**
 * The keys that lines of known_hosts give for a name: plain, with wildcards and `!`, and hashed (`|1|salt|hash`).
 * `@revoked` ones are left out; `@cert-authority` is not looked at.
 */
export function keysFor(lines: string, name: string): HostKey[] {
  const found: HostKey[] = []
  for (const line of lines.split(/\r?\n/)) {
    const [, names, key] = /^\s*([^\s#@]\S*)\s+(.*)$/.exec(line) ?? []
    if (names === undefined || key === undefined || !matches(names, name)) continue
    const parsed = parsePublicKey(key)
    if (parsed) found.push({ ...parsed, fingerprint: keyFingerprint(parsed.body) })
  }
  return found
}

/** The lines without those of a name; comments and others stay as they are. */
export function withoutHost(lines: string, name: string): string {
  return lines
    .split('\n')
    .filter(line => {
      const names = /^\s*([^\s#@]\S*)\s/.exec(line)?.[1]
      return names === undefined || !matches(names, name)
    })
    .join('\n')
}

function matches(names: string, name: string): boolean {
  const hashed = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/.exec(names)
  if (hashed) {
    return createHmac('sha1', Buffer.from(hashed[1]!, 'base64')).update(name).digest('base64') === hashed[2]
  }
  let good = false
  for (const pattern of names.split(',')) {
    const isNegated = pattern.startsWith('!')
    if (!glob(isNegated ? pattern.slice(1) : pattern, name)) continue
    if (isNegated) return false
    good = true
  }
  return good
}

/** `*` and `?` as ssh_config has them, in linear time. */
function glob(pattern: string, text: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), text.toLowerCase()]
  let [p, t, star, mark] = [0, 0, -1, 0]
  while (t < given.length) {
    if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[t]) && wanted[p] !== '*') {
      p++
      t++
    } else if (wanted[p] === '*') {
      star = p++
      mark = t
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (wanted[p] === '*') p++
  return p === wanted.length
}
