import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { actionOf } from '../action-of.ts'
import { effect } from '../effect.ts'
import { engineObjects } from '../engine-objects.ts'
import { refuseOtherInstaller, waitEstablished } from '../kinds.ts'
import { objectDiff } from '../object-diff.ts'
import { refuseOtherSync } from '../refuse-other-sync.ts'
import { refuseSharedToken } from '../refuse-shared-token.ts'
import { controllersOf } from '../rollout.ts'
import { installKey, keyTitle, lacksKey, otherParts, wantedCredential } from '../sync-credential.ts'
import type { BootstrapContext, BootstrapStep, PlannedChange } from '../types.ts'

/** Who owns the fields that bootstrap writes: the manager of `flux bootstrap`, so that a later run of either agrees. */
const fieldManager = 'flux'

/** Puts the objects into the cluster that make it follow the repository. */
export const engineStep: BootstrapStep = {
  id: 'engine',
  title: 'make the cluster follow the repository',
  async inspect(context, state) {
    const { first, sync } = await engineObjects(context, state)
    state.controllers = context.flux ? controllersOf(context.flux.manifests) : controllersOf({ objects: first })
    if (context.flux) await refuseOtherInstaller(context)
    const credential = await wantedCredential(context, state)
    const { secret } = credential
    const objects = [...first, secret, ...sync]
    const live = await Promise.all(
      objects.map(object => context.client.find(refOf(object), { signal: context.signal })),
    )
    refuseOtherSync(context, sync, live.slice(-sync.length))
    await refuseSharedToken(context, secret, live[first.length])
    const changes = objects.map((object, i): PlannedChange => {
      const action = actionOf(object, live[i])
      return { kind: 'object', ref: refOf(object), action, diff: action === 'keep' ? '' : objectDiff(object, live[i]) }
    })
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
    const { first, sync } = await engineObjects(context, state)
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
  const live = await client.find(ref, { signal })
  const parts = otherParts(live, wanted)
  if (parts.length === 0) return
  await refuseSharedToken(context, wanted, live)
  const data = Object.fromEntries(parts.map(key => [key, null]))
  await effect(context, 'engine.strip.Secret', () => client.patch(ref, 'merge', { data }, { fieldManager, signal }))
}
