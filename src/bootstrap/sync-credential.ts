import { SluiceError } from '../base/errors/index.ts'
import { isObject, jsonEqual } from '../base/json.ts'
import { deployKeyTitle, ensureDeployKey, proveSshKey, removeOldDeployKeys } from '../credentials/deploy-key.ts'
import { secretText, sshAuthOf, syncSecret, syncSecretData } from '../credentials/sync-secret.ts'
import { pagesHost } from '../forges/index.ts'
import type { Forge } from '../forges/types.ts'
import { checkRepositoryUrl } from '../git/index.ts'
import { keysFor, knownHostName } from '../git/known-hosts.ts'
import { type KeyChoice, makeSshKey } from '../git/make-key.ts'
import { type PublicKey, parsePublicKey, publicKeyOf } from '../git/public-key.ts'
import type { GitAuth } from '../git/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { effect } from './effect.ts'
import type { BootstrapContext, RunState } from './types.ts'

/** Name of the Secret with the source's credential: Flux's name, whatever the namespace is called. */
export const syncSecretName = 'flux-system'

/** With what the cluster fetches: the token itself, or a key of its own for this one repository. */
export type SyncCredential =
  | { readonly credential: 'token' }
  | {
      readonly credential: 'deploy-key'
      /** The ssh address of the repository. */
      readonly url: string
      /** Confirmed lines of known_hosts for its host. */
      readonly knownHosts: string
      readonly key?: KeyChoice
      /** Let the key push too. */
      readonly readWrite?: boolean
    }

/** The address that the cluster follows the repository by. */
export function syncUrl({ sync, forge, fleet }: Pick<BootstrapContext, 'sync' | 'forge' | 'fleet'>): string {
  return sync?.credential === 'deploy-key' ? sync.url : forge.remote(fleet.owner, fleet.repository).url
}

/** Whether two addresses are one repository by two transports: a bootstrap may change between them. */
export function isSameRepository(forge: Pick<Forge, 'namesOf'>, a: string, b: string): boolean {
  try {
    const one = checkRepositoryUrl(a, { allowPlainHttp: true })
    const other = checkRepositoryUrl(b, { allowPlainHttp: true })
    const isOtherTransport = (one.scheme === 'ssh') !== (other.scheme === 'ssh')
    // Hosts write the path of one repository in two ways: `/scm/OPS/fleet.git` and `/OPS/fleet.git`.
    return (
      isOtherTransport && pagesHost(one) === pagesHost(other) && jsonEqual(forge.namesOf(one), forge.namesOf(other))
    )
  } catch {
    return false
  }
}

/** The credential of the cluster as it is to be. */
export interface WantedCredential {
  readonly secret: KubeObject
  /** The deploy key that the repository must have; undefined with a token. */
  readonly key?: { readonly auth: Extract<GitAuth, { kind: 'ssh' }>; readonly publicKey: PublicKey }
}

/**
 * What the Secret shall hold. A key that the cluster has already is kept, as `flux bootstrap` does; a new one is made
 * otherwise, and is in the cluster before the host knows it: a run that is ended in between leaves no key without its half.
 */
export async function wantedCredential(
  context: BootstrapContext,
  state: Pick<RunState, 'expires'>,
  secretName: string = syncSecretName,
): Promise<WantedCredential> {
  const { fleet, forge, sync } = context
  const remote = forge.remote(fleet.owner, fleet.repository)
  if (sync?.credential !== 'deploy-key') {
    return {
      secret: syncSecret(secretName, fleet.namespace, syncSecretData(remote.auth, remote.ca), state.expires),
    }
  }
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace: fleet.namespace, name: secretName }
  const live = await context.client.find(ref, { signal: context.signal })
  const kept = sshAuthOf(live)
  const pair = kept ? undefined : await makeSshKey(sync.key)
  const auth = {
    kind: 'ssh',
    knownHosts: kept && agrees(kept.knownHosts, sync) ? kept.knownHosts : sync.knownHosts,
    ...(kept?.passphrase && { passphrase: kept.passphrase }),
    privateKey: kept?.privateKey ?? pair!.privateKey,
  } as const
  const publicKey =
    pair?.publicKey ??
    parsePublicKey(secretText(live, 'identity.pub') ?? '') ??
    publicKeyOf(auth.privateKey, auth.passphrase)
  // GitHub takes a deploy key away with the token that added it.
  const expires = forge.kind === 'github' ? state.expires : undefined
  return {
    secret: syncSecret(secretName, fleet.namespace, syncSecretData(auth, undefined, publicKey), expires),
    key: { auth, publicKey },
  }
}

/** Whether lines know the host by confirmed keys alone: written another way, they are as good. */
function agrees(lines: string, { url, knownHosts }: { readonly url: string; readonly knownHosts: string }): boolean {
  const { host, port } = checkRepositoryUrl(url)
  const name = knownHostName(host, port)
  const confirmed = keysFor(knownHosts, name)
  const known = keysFor(lines, name)
  return known.length > 0 && known.every(key => confirmed.some(one => one.body === key.body))
}

/** Whether the repository lacks the key of the cluster, or has it with another right. Reads only. */
export async function lacksKey(
  { forge, fleet, sync, signal }: BootstrapContext,
  { key }: WantedCredential,
  state: RunState,
): Promise<boolean> {
  if (!key) return false
  if (state.repositoryExists === false) return true
  const there = await forge.deployKeys(fleet.owner, fleet.repository, signal)
  const readOnly = !(sync?.credential === 'deploy-key' && sync.readWrite)
  return !there.some(one => parsePublicKey(one.key)?.body === key.publicKey.body && one.readOnly === readOnly)
}

/** Adds the key to the repository, proves it, and takes away what runs before this one left under its title. */
export async function installKey(context: BootstrapContext, { key }: WantedCredential): Promise<void> {
  const { forge, fleet, sync, clock, signal } = context
  if (!key || sync?.credential !== 'deploy-key') return
  const place = { forge, owner: fleet.owner, repository: fleet.repository }
  const title = keyTitle(context)
  await effect(context, 'engine.key.add', () =>
    ensureDeployKey(place, key.publicKey, { title, readOnly: !sync.readWrite }, signal),
  )
  await proveSshKey(sync.url, key.auth, { clock, signal }).catch((error: unknown) => {
    throw orByHttps(error)
  })
  await effect(context, 'engine.key.sweep', () => removeOldDeployKeys(place, key.publicKey, { title }, signal))
}

/** An SSH server that does not answer, as behind proxies that let HTTPS alone pass: the transport that works is named. */
export function orByHttps(error: unknown): unknown {
  const codes: readonly string[] = ['E_HOST_KEY_SCAN', 'E_GIT_UNREACHABLE', 'E_TIMEOUT']
  if (!(error instanceof SluiceError) || !codes.includes(error.code)) return error
  const next = `The cluster would fetch by SSH. Use --token-auth, and it fetches over HTTPS as this command pushes; or name the SSH server with --ssh-hostname. ${error.next}`
  return new SluiceError(error.code, { ...error.facts, next, cause: error })
}

export function keyTitle({ fleet }: Pick<BootstrapContext, 'fleet'>): string {
  return deployKeyTitle({
    cluster: fleet.management,
    namespace: fleet.namespace,
    branch: fleet.branch,
    path: fleet.path,
  })
}

/** The parts of a Secret that belong to another credential: a key where a token is wanted, or the other way round. */
export function otherParts(live: KubeObject | undefined, wanted: KubeObject): string[] {
  const data = live?.['data']
  const want = wanted['data']
  if (!isObject(data) || !isObject(want)) return []
  return ['username', 'password', 'bearerToken', 'identity', 'identity.pub'].filter(
    key => key in data && !(key in want),
  )
}
