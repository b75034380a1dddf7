import { SluiceError } from '../../base/errors/index.ts'
import { isObject, jsonEqual } from '../../base/json.ts'
import { conditionOf } from '../../kube/condition.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { WatchCache } from '../../kube/watch/index.ts'
import { effect } from '../effect.ts'
import { engineObjects } from '../engine-objects.ts'
import { refuseOtherSync } from '../refuse-other-sync.ts'
import { installKey, keyTitle, lacksKey, otherParts, wantedCredential } from '../sync-credential.ts'
import type { BootstrapContext, BootstrapStep, PlannedChange } from '../types.ts'

/** Who owns the fields that bootstrap writes: the manager of `flux bootstrap`, so that a later run of either agrees. */
const fieldManager = 'flux'

/** Puts the objects into the cluster that make it follow the repository. */
export const engineStep: BootstrapStep = {
  id: 'engine',
  title: 'make the cluster follow the repository',
  async inspect(context, state) {
    const { first, sync } = engineObjects(context)
    const credential = await wantedCredential(context, state)
    const { secret } = credential
    const objects = [...first, secret, ...sync]
    const live = await Promise.all(
      objects.map(object => context.client.find(refOf(object), { signal: context.signal })),
    )
    refuseOtherSync(context, sync, live.slice(-sync.length))
    const changes = objects.map(
      (object, i): PlannedChange => ({ kind: 'object', ref: refOf(object), action: actionOf(object, live[i]) }),
    )
    const addsKey = await lacksKey(context, credential, state)
    const todo = changes.filter(change => change.kind === 'object' && change.action !== 'keep').length
    return {
      id: 'engine',
      title: this.title,
      state: todo === 0 && !addsKey ? 'done' : 'to-do',
      summary:
        todo === 0
          ? 'the cluster follows the repository'
          : `apply ${todo} of ${objects.length} objects to ${context.client.server}`,
      changes,
      ...(addsKey ? { notes: [`add the deploy key "${keyTitle(context)}" to the repository`] } : {}),
    }
  },
  async apply(context, state) {
    const { client, signal } = context
    const { first, sync } = engineObjects(context)
    const credential = await wantedCredential(context, state)
    let applied = 0
    const apply = async (object: KubeObject) => {
      await effect(context, `engine.apply.${object.kind}`, () =>
        client.apply(object, { fieldManager, force: true, signal }),
      )
      applied++
    }
    for (const object of first) await apply(object)
    await waitEstablished(
      context,
      first.filter(object => object.kind === 'CustomResourceDefinition'),
    )
    client.invalidateDiscovery()
    await takeOtherParts(context, credential.secret)
    await apply(credential.secret)
    await installKey(context, credential)
    // Another bootstrap may have begun when this one did, and found nothing here either.
    const live = await Promise.all(sync.map(object => client.find(refOf(object), { signal })))
    refuseOtherSync(context, sync, live)
    for (const object of sync) await apply(object)
    return {
      summary: `applied ${applied} objects; GitRepository and Kustomization ${context.fleet.namespace}/${context.fleet.namespace} follow ${context.fleet.branch}`,
    }
  },
}

/**
 * Takes what is left of another credential out of the Secret. Applying alone leaves what somebody else wrote, as a rotation
 * does; and before it, not after: a token beside a key would be read as the key's passphrase.
 */
async function takeOtherParts(context: BootstrapContext, wanted: KubeObject): Promise<void> {
  const { client, signal } = context
  const ref = refOf(wanted)
  const parts = otherParts(await client.find(ref, { signal }), wanted)
  if (parts.length === 0) return
  const data = Object.fromEntries(parts.map(key => [key, null]))
  await effect(context, 'engine.strip.Secret', () => client.patch(ref, 'merge', { data }, { fieldManager, signal }))
}

/** Whether applying an object would change what is live: every field of it is there with the same value, or it is not. */
function actionOf(object: KubeObject, live: KubeObject | undefined): 'create' | 'configure' | 'keep' {
  if (!live) return 'create'
  return holds(live, object) && otherParts(live, object).length === 0 ? 'keep' : 'configure'
}

function holds(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, i) => holds(live[i], item))
  if (!isObject(wanted)) return jsonEqual(live, wanted)
  // The server leaves empty objects out (`subresources: {}`), so an absent one counts as empty.
  if (live === undefined) return Object.keys(wanted).length === 0
  return (
    isObject(live) && Object.entries(wanted).every(([key, value]) => value === undefined || holds(live[key], value))
  )
}

async function waitEstablished(
  { client, clock, logger, signal }: BootstrapContext,
  crds: readonly KubeObject[],
): Promise<void> {
  const cache = new WatchCache(client, { clock, logger })
  const deadline = AbortSignal.timeout(60_000)
  try {
    const established = (object: KubeObject | undefined) => conditionOf(object, 'Established')?.status === 'True'
    await Promise.all(crds.map(crd => cache.waitFor(refOf(crd), established, AbortSignal.any([signal, deadline]))))
  } catch (error) {
    if (signal.aborted || !deadline.aborted) throw error
    const names = crds.map(crd => crd.metadata.name).join(', ')
    throw new SluiceError('E_TIMEOUT', {
      object: names,
      expected: 'the API server to establish the kinds within 60 s',
      cause: error,
    })
  } finally {
    cache.stop()
  }
}
