import { SluiceError } from '../../base/errors/index.ts'
import { removeOldDeployKeys } from '../../credentials/deploy-key.ts'
import { secretText } from '../../credentials/sync-secret.ts'
import { parseInventoryEntry } from '../../engine/index.ts'
import { credentialHolders } from '../../fleet/credential-holders.ts'
import { gitRepositoryKind, kustomizationKind } from '../../fleet/read-fleet.ts'
import { keyFingerprint, parsePublicKey } from '../../git/public-key.ts'
import { type ObjectRef, refKey, refOf } from '../../kube/identity.ts'
import type { Kustomization } from '../../specs/index.ts'
import { refuseOthers } from '../move/uids.ts'
import { effect, type GitOpsChange, type GitOpsStep } from '../steps.ts'
import { isOrphaned } from './orphan.ts'
import type { RemoveContext, RemoveState } from './types.ts'

/** How long the Kustomization may take to go: its finalizer is the engine's. */
const goneMs = 60_000

/** Removes the objects that follow Git: the Kustomization first, then what it needed. */
export const objectsStep: GitOpsStep<RemoveContext, RemoveState> = {
  id: 'objects',
  title: 'remove what follows Git',
  async inspect(context, state) {
    const changes = (await going(context, state)).map(
      (ref): GitOpsChange => ({ kind: 'object', ref, action: 'delete' }),
    )
    if (changes.length === 0) return { state: 'done', summary: 'nothing follows Git', changes }
    return { state: 'to-do', summary: `remove ${changes.length} objects; what they applied stays`, changes }
  },
  async apply(context, state) {
    const { client, namespace, clock, signal } = context
    const root = { ...kustomizationKind, namespace, name: namespace }
    // Whether it lets go is looked at in the very state that is deleted.
    const live = await client.find(root, { signal })
    if (live && !isOrphaned(live))
      throw new SluiceError('E_GITOPS_NOT_ORPHANED', { object: `Kustomization/${namespace}/${namespace}` })
    if (live) {
      const { uid, resourceVersion } = live.metadata
      const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }
      await effect(context, 'remove.kustomization', () => client.delete(root, { preconditions, signal }))
      await untilGone(context, root)
    }
    const gone = await removeKey(context, state)
    const ours = new Set([root, { ...root, ...gitRepositoryKind }].map(refKey))
    for (const ref of await going(context, state))
      await effect(context, `remove.${ref.kind}`, () => client.delete(ref, { signal }))
    await clock.sleep(0, signal)
    const staying = new Map([...(state.uids ?? [])].filter(([key]) => !ours.has(key)))
    refuseOthers(staying, await uidsNow(context, state))
    return `removed; all ${staying.size} objects stay as they are${gone}`
  },
}

/** What is there of the three objects; a Secret that other sources use stays. */
async function going({ client, namespace, signal }: RemoveContext, { secret }: RemoveState): Promise<ObjectRef[]> {
  const at = { namespace, name: namespace }
  const refs: ObjectRef[] = [
    { ...kustomizationKind, ...at },
    { ...gitRepositoryKind, ...at },
  ]
  const holders = secret ? await credentialHolders(client, { signal }) : []
  const isShared = holders
    .filter(one => one.namespace === namespace && one.name === secret?.metadata.name)
    .some(one => one.sources.some(source => source.name !== namespace || source.kind.kind !== 'GitRepository'))
  if (secret && !isShared) refs.push(refOf(secret))
  const found = await Promise.all(refs.map(ref => client.find(ref, { signal })))
  return refs.filter((_, i) => found[i] !== undefined)
}

async function untilGone({ client, clock, signal }: RemoveContext, ref: ObjectRef): Promise<void> {
  const end = clock.monotonic() + goneMs
  while (await client.find(ref, { signal })) {
    if (clock.monotonic() > end) {
      throw new SluiceError('E_TIMEOUT', {
        object: `Kustomization/${ref.namespace}/${ref.name}`,
        expected: 'the engine to let the object go within 60 s',
        next: 'Check that an engine runs on this cluster (`sluice engine`, or Flux), then run the command again.',
      })
    }
    await clock.sleep(100, signal)
  }
}

async function uidsNow(
  { client, signal }: RemoveContext,
  { kustomization }: RemoveState,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const entry of (kustomization as Kustomization | undefined)?.status?.inventory?.entries ?? []) {
    const ref = parseInventoryEntry(entry)
    const live = ref && (await client.find(ref, { signal }))
    if (ref && live?.metadata.uid !== undefined) found.set(refKey(ref), live.metadata.uid)
  }
  return found
}

/** Takes the cluster's deploy key away at the host. One that cannot be removed is told, and harms nothing but order. */
async function removeKey(context: RemoveContext, { secret }: RemoveState): Promise<string> {
  const { repository, signal } = context
  const key = parsePublicKey(secretText(secret, 'identity.pub') ?? '')
  if (!key) return ''
  const fingerprint = keyFingerprint(key.body)
  if (!repository) return `; the deploy key ${fingerprint} is left at the Git host`
  const place = { forge: repository.forge, owner: repository.owner, repository: repository.name }
  try {
    const used = { ...key, body: '' }
    const gone = await effect(context, 'remove.key', () =>
      removeOldDeployKeys(place, used, { fingerprints: [fingerprint] }, signal),
    )
    return gone.length === 0 ? '' : `; removed the deploy key "${gone.join(', ')}"`
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SluiceError)) throw error
    return `; the deploy key ${fingerprint} is left at ${repository.forge.host}: ${error.message}`
  }
}
