import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { actionOf } from '../action-of.ts'
import { effect } from '../effect.ts'
import { waitEstablished } from '../kinds.ts'
import { controllersOf } from '../rollout.ts'
import type { BootstrapContext, BootstrapStep, PlannedChange } from '../types.ts'
import { nameOf, type SwitchRun } from './check.ts'
import type { EngineName } from './facts.ts'
import { waitRolledOut } from './wait.ts'

/** The manager of `flux bootstrap`. */
const fieldManager = 'flux'

/**
 * Starts the engine that comes: its objects as Git has them, applied by whoever switches, because an engine may not give
 * itself rights. One that runs in a process outside has nothing to start in the cluster but its kinds.
 */
export function startStep(to: EngineName, run: SwitchRun): BootstrapStep {
  const title = `start ${nameOf(to)}`
  // Flux's other objects were applied when it was installed at rest.
  const wanted = () => (run.facts?.after ?? []).filter(object => to === 'sluice' || object.kind === 'Deployment')
  return {
    id: 'start',
    title,
    async inspect({ client, signal }, state) {
      state.controllers = controllersOf({ objects: wanted() })
      const changes = await Promise.all(
        wanted().map(async (object): Promise<PlannedChange> => {
          const ref = refOf(object)
          return { kind: 'object', ref, action: actionOf(object, await client.find(ref, { signal })) }
        }),
      )
      const todo = changes.filter(change => change.kind === 'object' && change.action !== 'keep').length
      const controllers = state.controllers.length
      const waits = controllers === 0 ? '' : ` and wait for ${controllers} Deployments`
      return {
        id: 'start',
        title,
        state: todo === 0 ? 'done' : 'to-do',
        summary: todo === 0 ? 'all its objects are there' : `apply ${todo} objects${waits}`,
        changes,
      }
    },
    async apply(context, state) {
      const objects = wanted()
      const first = ['Namespace', 'CustomResourceDefinition']
      for (const kind of first)
        for (const object of objects.filter(one => one.kind === kind)) await apply(context, object)
      await waitEstablished(
        context,
        objects.filter(object => object.kind === 'CustomResourceDefinition'),
      )
      for (const object of objects.filter(one => !first.includes(one.kind))) await apply(context, object)
      await waitRolledOut(context, state.controllers ?? [])
      return { summary: `applied ${objects.length} objects` }
    },
  }
}

async function apply(context: BootstrapContext, object: KubeObject): Promise<void> {
  const { client, signal } = context
  const name = object.kind === 'Deployment' ? 'switch.wake' : `switch.start.${object.kind}`
  await effect(context, name, () => client.apply(object, { fieldManager, force: true, signal }))
}
