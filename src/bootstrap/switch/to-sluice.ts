import { handedOverAnnotation } from '../../kube/flux-controllers.ts'
import type { KubeObject } from '../../kube/object.ts'
import { effect } from '../effect.ts'
import { deploymentKind } from '../rollout.ts'
import type { BootstrapStep } from '../types.ts'
import { refuse } from './facts.ts'
import { isAwake, isHandedOver, readControllers } from './live.ts'
import { waitAtRest, waitLeasesFree } from './wait.ts'

/**
 * Puts Flux's controllers to rest and hands over: each is marked when no pod of Flux is left, and only then the engine of
 * Sluice acts. They are deleted later.
 */
export function restStep(): BootstrapStep {
  const title = 'put Flux to rest'
  return {
    id: 'stop',
    title,
    async inspect(context) {
      const { here } = await readControllers(context)
      const todo = here.filter(object => isAwake(object) || !isHandedOver(object))
      return {
        id: 'stop',
        title,
        state: todo.length === 0 ? 'done' : 'to-do',
        summary:
          todo.length === 0
            ? 'no controller of Flux acts'
            : `scale ${todo.length} controllers to 0 and wait for their pods`,
        changes: here.map(object => ({
          ...{ kind: 'object', ref: deploymentRef(object), action: todo.includes(object) ? 'configure' : 'keep' },
        })),
      }
    },
    async apply(context) {
      const { client, signal } = context
      const patch = (object: KubeObject, what: object) =>
        client.patch(deploymentRef(object), 'merge', what, { fieldManager: 'sluice', signal })
      // A reconcile that was under way may have put a controller back: it is looked at again when the pods are gone.
      for (let round = 1; round <= 5; round++) {
        const { here } = await readControllers(context)
        const awake = here.filter(isAwake)
        // The one that would put the others back goes first.
        const order = [...awake].sort((a, b) => rank(a) - rank(b))
        for (const object of order)
          await effect(context, 'switch.sleep', () => patch(object, { spec: { replicas: 0 } }))
        await waitAtRest(context, here)
        if (awake.length > 0) continue
        await waitLeasesFree(context, 'flux')
        const mark = { metadata: { annotations: { [handedOverAnnotation]: 'sluice' } } }
        for (const object of here.filter(one => !isHandedOver(one)))
          await effect(context, 'switch.handover', () => patch(object, mark))
        return { summary: `${here.length} controllers of Flux are at rest` }
      }
      throw refuse('Flux', 'controllers that stay at 0 replicas', 'somebody scales them up again and again')
    },
  }
}

function rank({ metadata }: KubeObject): number {
  return metadata.name?.startsWith('kustomize-controller') ? 0 : 1
}

/** Lists leave kind and version out. */
function deploymentRef({ metadata }: KubeObject) {
  return { ...deploymentKind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
}
