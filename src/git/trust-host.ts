import { SluiceError } from '../base/errors/index.ts'
import { type HostKey, keysFor, knownHostLine, knownHostName, withoutHost } from './known-hosts.ts'
import { publishedHostKeys } from './published-host-keys.ts'

/** What was found out about the host keys of a server. */
export interface HostKeyFinding {
  /** As known_hosts names it. */
  readonly name: string
  /** `known`: one of the confirmed keys is shown; `new`: nothing was confirmed yet; `changed`: only other keys are shown. */
  readonly state: 'known' | 'new' | 'changed'
  readonly shown: readonly HostKey[]
  readonly confirmed: readonly HostKey[]
  /** Who publishes the fingerprints that are shown; undefined when nobody in our table does. */
  readonly publishedBy?: string
  /** True when the host publishes fingerprints and shows others. */
  readonly contradicted: boolean
}

/** Holds what a server shows against what was confirmed, key type by key type: a confirmed type must not change. */
export function judgeHostKeys(
  { host, port }: { readonly host: string; readonly port: string | undefined },
  shown: readonly HostKey[],
  knownHosts: string,
): HostKeyFinding {
  const name = knownHostName(host, port)
  const confirmed = keysFor(knownHosts, name)
  const published = publishedHostKeys(host)
  const isPublished = (key: HostKey) => published?.fingerprints.includes(key.fingerprint) === true
  const changed = shown.some(
    key => confirmed.some(one => one.type === key.type) && !confirmed.some(one => one.body === key.body),
  )
  const known = confirmed.some(one => shown.some(key => key.body === one.body))
  const all = shown.length > 0 && shown.every(isPublished)
  return {
    name,
    state: confirmed.length === 0 ? 'new' : changed || !known ? 'changed' : 'known',
    shown,
    confirmed,
    contradicted: published !== undefined && !all,
    ...(published !== undefined && all && { publishedBy: published.by }),
  }
}

/** How a person, or a fingerprint given beforehand, answers for keys that are not confirmed yet. */
export interface TrustAnswer {
  /** A fingerprint that was given: `SHA256:…`. */
  readonly accept?: string
  /** Asked when no fingerprint was given; absent where nobody can be asked. */
  readonly ask?: (finding: HostKeyFinding) => Promise<boolean>
  /** Take changed keys in place of the confirmed ones, when they are answered for. */
  readonly replace?: boolean
}

/**
 * The lines of known_hosts with the keys of a server in them, once they are answered for; undefined when they are there
 * already. A given fingerprint takes that one key only: the others were not compared.
 *
 * @throws E_HOST_KEY_CHANGED, E_HOST_KEY_UNKNOWN
 */
export async function trustHostKeys(
  finding: HostKeyFinding,
  knownHosts: string,
  { accept, ask, replace }: TrustAnswer,
): Promise<string | undefined> {
  const { name, state, shown, confirmed } = finding
  if (state === 'known') return undefined
  if (state === 'changed' && !replace) throw changed(finding)
  let taken = shown
  if (accept !== undefined) {
    const wanted = accept.startsWith('SHA256:') ? accept.replace(/=+$/, '') : `SHA256:${accept.replace(/=+$/, '')}`
    taken = shown.filter(key => key.fingerprint === wanted)
    if (taken.length === 0) {
      throw new SluiceError('E_HOST_KEY_UNKNOWN', { object: name, expected: wanted, seen: list(shown) })
    }
  } else if (!ask) {
    throw new SluiceError('E_HOST_KEY_UNKNOWN', {
      object: name,
      expected: 'a confirmed host key',
      seen: `${list(shown)}${finding.publishedBy === undefined ? '' : `, which ${finding.publishedBy} publishes`}`,
      next: `Compare it with what the host publishes, then add --accept-host-key ${shown[0]!.fingerprint}`,
    })
  } else if (!(await ask(finding))) {
    throw new SluiceError('E_HOST_KEY_UNKNOWN', { object: name, seen: 'the answer was no' })
  }
  const kept = confirmed.length === 0 ? knownHosts : withoutHost(knownHosts, name)
  const before = kept === '' || kept.endsWith('\n') ? kept : `${kept}\n`
  return `${before}${taken.map(key => `${knownHostLine(name, key)}\n`).join('')}`
}

/** What is said when a server shows other keys than the confirmed ones. */
function changed({ name, shown, confirmed, publishedBy }: HostKeyFinding): SluiceError {
  return new SluiceError('E_HOST_KEY_CHANGED', {
    object: name,
    expected: list(confirmed),
    seen: `${list(shown)}${publishedBy === undefined ? '' : `, which ${publishedBy} publishes`}`,
    next: `Somebody may be listening in. Ask the people who run the server; only if they changed the key: sluice credential trust ${name} --replace`,
  })
}

function list(keys: readonly HostKey[]): string {
  return keys.map(key => `${key.type} ${key.fingerprint}`).join(', ')
}
