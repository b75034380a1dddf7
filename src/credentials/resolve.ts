import { SluiceError } from '../base/errors/index.ts'
import type { ForgeKind } from '../forges/types.ts'
import { Secret } from '../secrets/secret.ts'
import type { CredentialMeta, SecretStore } from '../secrets/store.ts'
import { fingerprintOf } from './fingerprint.ts'
import { credentialHost } from './host.ts'
import { type NamedText, tokenInFile } from './token-file.ts'
import { hostVariable, sshVariables, tokenVariables, usernameVariable } from './variables.ts'

/** What a credential is wanted for. */
export interface CredentialQuery {
  readonly kind: ForgeKind
  /** Host with its port; a credential that is bound to another one is not given out. */
  readonly host: string
  /**
   * Whether the host was read from a place that others can write to, such as the URL of an object in a cluster. Only a
   * credential that says itself that it is for this host is given out then.
   */
  readonly unnamed?: boolean
}

/** Where credentials are looked for, in this order: the file, the environment, the sealed store; a named entry of it first. */
export interface CredentialSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** What --token-file or standard input gave. */
  readonly file?: NamedText
  readonly store?: SecretStore
  /** An entry of the store by name, in place of the one that its host finds. */
  readonly credential?: string
}

/** A token that was found. */
export interface FoundToken {
  readonly token: Secret
  readonly username?: string
  /** Where it came from, in words that can be shown. */
  readonly from: string
  /** What is known of it, when it is from the store. */
  readonly meta?: CredentialMeta
  /** What the person should know: other sources that hold another token. */
  readonly notes: readonly string[]
}

interface Candidate extends Omit<FoundToken, 'notes' | 'token'> {
  readonly fingerprint: string
  /** The store is opened only for the one that is used. */
  readonly open: () => Promise<Secret>
}

/**
 * The token for a host. Sources that hold another token than the one that is used are told in the notes.
 *
 * @throws E_TOKEN_MISSING, E_TOKEN_FILE, E_CREDENTIAL_HOST, E_STORE_…
 */
export async function findToken(query: CredentialQuery, sources: CredentialSources): Promise<FoundToken> {
  const host = credentialHost(query.host)
  const names = tokenVariables[query.kind]
  const outside = [...fileCandidates(query, host, names, sources), ...envCandidates(query, host, names, sources)]
  const kept = await storeCandidates(host, 'token', sources)
  // An entry that was asked for by its name is not overruled by a variable that happens to be set.
  const found = sources.credential === undefined ? [...outside, ...kept] : [...kept, ...outside]
  const [used, ...others] = found
  if (!used) throw missing(query, names, sources)
  const notes = others
    .filter(other => other.fingerprint !== used.fingerprint)
    .map(other => `${other.from} holds another token for ${host} than ${used.from}, which is used`)
  const { fingerprint: _, open, ...rest } = used
  return { ...rest, token: await open(), notes }
}

function fileCandidates(
  { unnamed }: CredentialQuery,
  host: string,
  names: readonly string[],
  { file }: CredentialSources,
): Candidate[] {
  if (!file) return []
  const inFile = tokenInFile(file, names)
  if (inFile.host !== undefined && inFile.host !== host) throw otherHost(file.name, inFile.host, host)
  if (inFile.host === undefined && unnamed) {
    throw new SluiceError('E_CREDENTIAL_HOST', {
      object: file.name,
      expected: `a token that is for ${host}`,
      seen: 'no word of the host that it is for',
      next: confirmHost(host),
    })
  }
  const candidate = (from: string, token: Secret): Candidate => ({
    from,
    fingerprint: fingerprintOf('token', token),
    open: async () => token,
    ...(inFile.username !== undefined && { username: inFile.username }),
  })
  const others = inFile.others.map(key => tokenInFile(file, [key]).token)
  return [
    candidate(file.name, inFile.token),
    ...others.map((token, i) => candidate(`${inFile.others[i]} in ${file.name}`, token)),
  ]
}

function envCandidates(
  { unnamed }: CredentialQuery,
  host: string,
  names: readonly string[],
  { env }: CredentialSources,
): Candidate[] {
  const said = env[hostVariable]?.trim()
  // Variables that say which host they are for are for no other.
  if (said ? credentialHost(said) !== host : unnamed) return []
  const username = env[usernameVariable]?.trim()
  return names.flatMap(name => {
    const value = env[name]?.trim()
    if (!value) return []
    const token = Secret.of(value)
    return [
      {
        from: name,
        fingerprint: fingerprintOf('token', token),
        open: async () => token,
        ...(username ? { username } : {}),
      },
    ]
  })
}

async function storeCandidates(
  host: string,
  kind: CredentialMeta['kind'],
  { store, credential }: CredentialSources,
): Promise<Candidate[]> {
  if (!store) return []
  const all = await store.list()
  if (credential !== undefined) {
    const named = all.find(meta => meta.name === credential)
    if (!named) throw new SluiceError('E_CREDENTIAL_UNKNOWN', { object: credential })
    if (credentialHost(named.host) !== host) throw otherHost(`the credential ${credential}`, named.host, host)
  }
  return all
    .filter(meta => meta.kind === kind && credentialHost(meta.host) === host)
    .filter(meta => credential === undefined || meta.name === credential)
    .map(meta => ({
      from: `the sealed store (${meta.name})`,
      fingerprint: meta.fingerprint,
      open: async () => (await store.open(meta.name)).value.secret,
      meta,
      ...(meta.username !== undefined && { username: meta.username }),
    }))
}

function otherHost(object: string, seen: string, expected: string): SluiceError {
  return new SluiceError('E_CREDENTIAL_HOST', { object, expected, seen })
}

/** What lets a token go to a host that nobody named. */
function confirmHost(host: string): string {
  return `If ${host} is the right host, say so: --host ${host}, or ${hostVariable}=${host} beside the token.`
}

function missing({ kind, host }: CredentialQuery, names: readonly string[], { env }: CredentialSources): SluiceError {
  const elsewhere = [...new Set(Object.values(tokenVariables).flat())].filter(
    name => !names.includes(name) && env[name]?.trim(),
  )
  const bound = names.filter(name => env[name]?.trim())
  const said = env[hostVariable]?.trim()
  if (bound.length > 0 && !said) {
    return new SluiceError('E_CREDENTIAL_HOST', {
      object: bound.join(', '),
      expected: `a token that is for ${host}`,
      seen: 'no word of the host that it is for',
      next: confirmHost(host),
    })
  }
  const seen =
    bound.length > 0
      ? `${bound.join(', ')} for ${said}`
      : elsewhere.length > 0
        ? `only ${elsewhere.join(', ')}, while the host is of kind ${kind}`
        : 'none of them'
  const key = kind === 'git' ? ` For an ssh address set ${sshVariables.privateKey}.` : ''
  return new SluiceError('E_TOKEN_MISSING', {
    object: host,
    expected: `a token in ${names.join(' or ')}, --token-file, or the sealed store`,
    seen,
    next: `Set ${names.join(' or ')}, give --token-file FILE (- reads standard input), or keep it: sluice credential add ${credentialHost(host)}${key}`,
  })
}
