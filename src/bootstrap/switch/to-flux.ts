import { handedOverAnnotation } from '../../kube/flux-controllers.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { actionOf } from '../action-of.ts'
import { effect } from '../effect.ts'
import { waitEstablished } from '../kinds.ts'
import type { BootstrapContext, BootstrapStep, PlannedChange } from '../types.ts'
import type { SwitchRun } from './check.ts'
import { isAwake, isHandedOver } from './live.ts'
import { holderOf, isEngineLease, leaseKind, waitLeasesFree } from './wait.ts'

/** The manager of `flux bootstrap`. */
const fieldManager = 'flux'

const isDeployment = (object: KubeObject) => object.kind === 'Deployment'

/**
 * Installs Flux at rest, without pods: from the moment at which its controllers are there, the engine of Sluice stands
 * back. Flux is started only when no engine of Sluice may write any more.
 */
export function yieldStep(run: SwitchRun): BootstrapStep {
  const title = 'install Flux at rest and stop the engine of Sluice'
  return {
    id: 'stop',
    title,
    async inspect(context) {
      const objects = run.facts?.after ?? []
      const live = await Promise.all(
        objects.map(object => context.client.find(refOf(object), { signal: context.signal })),
      )
      const pairs = objects.map((object, i) => ({ object, there: live[i] }))
      const changes = pairs.map(({ object, there }): PlannedChange => {
        if (there === undefined) return { kind: 'object', ref: refOf(object), action: 'create' }
        if (isDeployment(object))
          return { kind: 'object', ref: refOf(object), action: isHandedOver(there) ? 'configure' : 'keep' }
        return { kind: 'object', ref: refOf(object), action: actionOf(object, there) }
      })
      const todo = changes.filter(change => change.kind === 'object' && change.action !== 'keep').length
      const { items } = await context.client.list(leaseKind, { signal: context.signal })
      const holders = items.filter(isEngineLease).flatMap(lease => holderOf(lease) ?? [])
      // Flux was started only when there was no holder: one that is named still is the record of an engine that died.
      const started = pairs.every(
        ({ object, there }) => !isDeployment(object) || (there && isAwake(there) && !isHandedOver(there)),
      )
      const done = todo === 0 && (holders.length === 0 || started)
      return {
        id: 'stop',
        title,
        state: done ? 'done' : 'to-do',
        summary: done
          ? 'Flux is installed'
          : `apply ${todo} of ${objects.length} objects${holders.length === 0 ? '' : `; wait for ${holders.join(', ')}`}`,
        changes,
      }
    },
    async apply(context) {
      const { client, flux, signal } = context
      const objects = run.facts?.after ?? []
      const apply = (object: KubeObject) =>
        effect(context, `switch.apply.${object.kind}`, () =>
          client.apply(object, { fieldManager, force: true, signal }),
        )
      const of = (kind: string) => objects.filter(object => object.kind === kind)
      for (const object of of('Namespace')) await apply(object)
      const definitions = of('CustomResourceDefinition')
      for (const object of definitions) await apply(object)
      await waitEstablished(context, definitions)
      client.invalidateDiscovery()
      if (flux?.pullSecret) await apply(flux.pullSecret)
      const first = ['Namespace', 'CustomResourceDefinition', 'Deployment']
      for (const object of objects.filter(one => !first.includes(one.kind))) await apply(object)
      for (const object of objects.filter(isDeployment)) await installAtRest(context, object)
      await waitLeasesFree(context, 'sluice')
      return { summary: `applied ${objects.length} objects; no engine of Sluice acts` }
    },
  }
}

/**
 * A controller without pods; one that runs already is left alone, it was started by a run before. The mark of an earlier
 * handing over goes in both cases: with it, a controller that somebody scales to 0 later would count as handed over.
 */
async function installAtRest(context: BootstrapContext, object: KubeObject): Promise<void> {
  const { client, signal } = context
  const live = await client.find(refOf(object), { signal })
  const resting = { ...object, spec: { ...(object['spec'] as object), replicas: 0 } }
  if (live === undefined || !isAwake(live))
    await effect(context, 'switch.rest', () => client.apply(resting, { fieldManager, force: true, signal }))
  if (live === undefined || !isHandedOver(live)) return
  const patch = { metadata: { annotations: { [handedOverAnnotation]: null } } }
  await effect(context, 'switch.take', () =>
    client.patch(refOf(object), 'merge', patch, { fieldManager: 'sluice', signal }),
  )
}
