import { isConflict, isNotFound } from '../../kube/client/status.ts'
import { fluxControllersSelector, handedOverAnnotation } from '../../kube/flux-controllers.ts'
import { refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { effect } from '../effect.ts'
import { deploymentKind } from '../rollout.ts'
import type { BootstrapContext, BootstrapStep } from '../types.ts'
import type { SwitchRun } from './check.ts'
import { refuse } from './facts.ts'
import { isAwake, isHandedOver, readControllers } from './live.ts'
import { waitPodsGone } from './wait.ts'

/**
 * Puts Flux's controllers to rest and hands over: each is marked when no pod of Flux is left, and only then the engine of
 * Sluice acts. They are deleted later, by the engine that prunes them.
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
        await waitPodsGone(context, here)
        if (awake.length > 0) continue
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

const namespaced = [
  deploymentKind,
  { group: '', version: 'v1', kind: 'Service' },
  { group: '', version: 'v1', kind: 'ServiceAccount' },
  { group: '', version: 'v1', kind: 'ResourceQuota' },
  { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' },
] as const
const clusterWide = [
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
] as const

/**
 * Removes what is left of Flux: a switch to it that was broken off and turned back had installed objects that no engine
 * ever applied, so that none prunes them. Definitions and the namespace are no part of that.
 */
export function sweepStep(run: SwitchRun): BootstrapStep {
  const title = 'remove what is left of Flux'
  return {
    id: 'sweep',
    title,
    async inspect(context, state) {
      const left = state.dryRun ? [] : await leftOver(context, run)
      return {
        id: 'sweep',
        title,
        state: left.length === 0 ? 'done' : 'to-do',
        summary: left.length === 0 ? 'nothing is left' : `delete ${left.length} objects`,
        changes: left.map(object => ({ kind: 'object', ref: refOf(object), action: 'delete' }) as const),
      }
    },
    async apply(context) {
      const { client, signal } = context
      const left = await leftOver(context, run)
      for (const object of left) {
        const { uid } = object.metadata
        try {
          await effect(context, 'switch.sweep', () =>
            client.delete(refOf(object), {
              propagationPolicy: 'Background',
              ...(uid === undefined ? {} : { preconditions: { uid } }),
              signal,
            }),
          )
        } catch (error) {
          // Pruned meanwhile, or made anew by somebody else.
          if (!isNotFound(error) && !isConflict(error)) throw error
        }
      }
      return { summary: `deleted ${left.length} objects` }
    },
  }
}

/** Flux's own objects that are live, in no file and applied by no Kustomization but the root. */
async function leftOver({ client, fleet, signal }: BootstrapContext, { facts }: SwitchRun): Promise<KubeObject[]> {
  const stays = new Set((facts?.after ?? []).map(object => refKey(refOf(object))))
  const labelSelector = `${fluxControllersSelector},app.kubernetes.io/instance=${fleet.namespace}`
  const lists = await Promise.all([
    ...namespaced.map(async kind => ({
      kind,
      ...(await client.list(kind, { namespace: fleet.namespace, labelSelector, signal })),
    })),
    ...clusterWide.map(async kind => ({ kind, ...(await client.list(kind, { labelSelector, signal })) })),
  ])
  return lists.flatMap(({ kind, items }) =>
    items
      .map(item => ({
        ...item,
        kind: kind.kind,
        apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      }))
      .filter(item => {
        const owner = item.metadata.labels?.['kustomize.toolkit.fluxcd.io/name']
        const ours = owner === undefined || owner === fleet.namespace
        return ours && item.metadata.deletionTimestamp === undefined && !stays.has(refKey(refOf(item)))
      }),
  )
}
