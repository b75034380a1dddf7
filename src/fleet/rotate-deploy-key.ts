import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { ensureDeployKey, proveSshKey, removeOldDeployKeys, titleStem } from '../credentials/deploy-key.ts'
import { secretText, sshAuthOf, syncSecretData } from '../credentials/sync-secret.ts'
import type { Forge } from '../forges/types.ts'
import { type KeyChoice, makeSshKey } from '../git/make-key.ts'
import { keyFingerprint, type PublicKey, parsePublicKey, publicKeyOf } from '../git/public-key.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { expiryToldAnnotation } from '../secrets/expiry.ts'
import { credentialHolders } from './credential-holders.ts'
import { reconcileNow } from './reconcile.ts'
import { fleetRepository } from './repository-remote.ts'
import type { RotateEffect } from './rotate-token.ts'

/** On the Secret of the next key: the fingerprint of the key that it takes the place of. */
const replacesAnnotation = 'sluice.dev/replaces-key'
const secretKind = { group: '', version: 'v1', kind: 'Secret' } as const

/** One deploy key of a cluster, to be replaced. */
export interface DeployKeyRotation {
  readonly forge: Forge
  readonly client: KubeClient
  readonly namespace: string
  /** The Secret that holds the key. */
  readonly secret: string
  readonly key?: KeyChoice
  /** Title of the key on the host's page, when the host does not show the present one. */
  readonly title: string
  /** Whether the new key only fetches; one that could push keeps that right. */
  readonly readOnly: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly effect?: RotateEffect
  readonly onProgress?: (text: string) => void
}

/**
 * Makes a new key, adds it to the repository, proves it by fetching, swaps the Secret, waits until the sources are Ready
 * with it, and removes the old one. The new private key waits in a Secret of its own, so that a run that was ended
 * anywhere goes on with the same key: the end is one key in the cluster and one on the host.
 */
export async function rotateDeployKey(rotation: DeployKeyRotation): Promise<{ added: string; removed: string[] }> {
  const { forge, client, namespace, secret: name, clock, signal, onProgress } = rotation
  const effect: RotateEffect = rotation.effect ?? ((_, work) => work())
  const live = await client.find({ ...secretKind, namespace, name }, { signal })
  const now = sshAuthOf(live)
  if (!live || !now) {
    throw new SluiceError('E_ROTATE_NOTHING', {
      object: `Secret/${namespace}/${name}`,
      expected: 'a deploy key (identity, known_hosts)',
      seen: live ? 'another credential' : 'no such Secret',
    })
  }
  const { url, sources, owner, repository } = await repositoryOf(rotation)
  const place = { forge, owner, repository }
  const current = publicHalf(live, now)
  const shown = (await forge.deployKeys(owner, repository, signal)).find(
    one => parsePublicKey(one.key)?.body === current.body,
  )
  const title = shown ? titleStem(shown.title) : rotation.title
  // What could push still can: a rotation replaces the key, not its right.
  const readOnly = rotation.readOnly && shown?.readOnly !== false
  const next = await nextKey(rotation, current, effect)
  onProgress?.(`adding the key ${keyFingerprint(next.publicKey.body)} to ${owner}/${repository}`)
  await effect('rotate.key.add', () => ensureDeployKey(place, next.publicKey, { title, readOnly }, signal))
  const auth = { kind: 'ssh', privateKey: next.privateKey, knownHosts: now.knownHosts } as const
  await proveSshKey(url, auth, { clock, signal })
  if (current.body !== next.publicKey.body) {
    onProgress?.(`swapping Secret/${namespace}/${name}`)
    const data = { ...syncSecretData(auth, undefined, next.publicKey), password: null }
    const metadata = {
      annotations: { [expiryToldAnnotation]: null },
      ...(live.metadata.resourceVersion === undefined ? {} : { resourceVersion: live.metadata.resourceVersion }),
    }
    await effect('rotate.key.swap', () =>
      client.patch({ ...secretKind, namespace, name }, 'merge', { metadata, data }, { fieldManager: 'flux', signal }),
    )
  }
  for (const { kind, namespace: at, name: source } of sources.filter(one => !one.suspended)) {
    const { timeoutMs } = rotation
    await reconcileNow({
      client,
      kind,
      namespace: at,
      name: source,
      withSource: false,
      signal,
      timeoutMs,
      ...(onProgress && { onProgress }),
    }).catch((error: unknown) => {
      signal.throwIfAborted()
      if (!(error instanceof SluiceError)) throw error
      throw new SluiceError('E_ROTATE_NOT_READY', {
        object: `${kind.kind}/${at}/${source}`,
        seen: error.facts.seen ?? error.message,
        cause: error,
      })
    })
  }
  const removed = await effect('rotate.key.remove', () =>
    removeOldDeployKeys(place, next.publicKey, { title, fingerprints: next.replaces }, signal),
  )
  await effect('rotate.key.end', () => client.delete({ ...secretKind, namespace, name: nextName(name) }, { signal }))
  return { added: keyFingerprint(next.publicKey.body), removed }
}

const nextName = (name: string) => `${name}-next`

interface NextKey {
  readonly privateKey: NonNullable<ReturnType<typeof sshAuthOf>>['privateKey']
  readonly publicKey: PublicKey
  /** Fingerprints of the keys that it takes the place of. */
  readonly replaces: readonly string[]
}

/** The key of a run that was ended, or a new one that is kept before anybody hears of it. */
async function nextKey(rotation: DeployKeyRotation, current: PublicKey, effect: RotateEffect): Promise<NextKey> {
  const { client, namespace, secret, signal } = rotation
  const name = nextName(secret)
  const waiting = await client.find({ ...secretKind, namespace, name }, { signal })
  const auth = sshAuthOf(waiting)
  if (waiting && auth) {
    const replaces = waiting.metadata.annotations?.[replacesAnnotation]
    return {
      privateKey: auth.privateKey,
      publicKey: publicHalf(waiting, auth),
      replaces: replaces === undefined ? [] : [replaces],
    }
  }
  const pair = await makeSshKey(rotation.key)
  const replaces = keyFingerprint(current.body)
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, annotations: { [replacesAnnotation]: replaces } },
    type: 'Opaque',
    data: syncSecretData({ kind: 'ssh', privateKey: pair.privateKey, knownHosts: '' }, undefined, pair.publicKey),
  }
  await effect('rotate.key.make', () => client.apply(object, { fieldManager: 'sluice', force: true, signal }))
  return { ...pair, replaces: [replaces] }
}

function publicHalf(secret: KubeObject, auth: NonNullable<ReturnType<typeof sshAuthOf>>): PublicKey {
  return parsePublicKey(secretText(secret, 'identity.pub') ?? '') ?? publicKeyOf(auth.privateKey, auth.passphrase)
}

/** The one repository that the Secret is for: a deploy key belongs to one. */
async function repositoryOf({ forge, client, namespace, secret, signal }: DeployKeyRotation) {
  const holders = (await credentialHolders(client, { signal })).filter(
    holder => holder.namespace === namespace && holder.name === secret,
  )
  const sources = holders.flatMap(holder => holder.sources)
  const urls = [...new Set(sources.map(source => source.url))]
  const [url] = urls
  if (url === undefined || urls.length > 1 || !url.startsWith('ssh://')) {
    throw new SluiceError('E_ROTATE_NOTHING', {
      object: `Secret/${namespace}/${secret}`,
      expected: 'sources of one repository, by an ssh address',
      seen: urls.length === 0 ? 'no source that uses it' : urls.join(', '),
    })
  }
  // A repository of the same name on another host is not the one that is followed.
  const { owner, name } = fleetRepository(forge, url)
  return { url, sources, owner, repository: name }
}
