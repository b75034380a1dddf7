import { isConflict, isNotFound } from '../../kube/client/status.ts'
import { fluxControllersSelector } from '../../kube/flux-controllers.ts'
import { refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { effect } from '../effect.ts'
import { deploymentKind } from '../rollout.ts'
import type { BootstrapContext, BootstrapStep } from '../types.ts'
import { nameOf, type SwitchRun } from './check.ts'
import type { EngineName } from './facts.ts'

/** Kinds that an engine's own objects are of. Definitions and the namespace are never among them. */
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const
const kinds = [
  deploymentKind,
  { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget' },
  { group: '', version: 'v1', kind: 'Service' },
  { group: '', version: 'v1', kind: 'ResourceQuota' },
  { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' },
  { ...rbac, kind: 'ClusterRoleBinding' },
  { ...rbac, kind: 'RoleBinding' },
  { ...rbac, kind: 'ClusterRole' },
  { ...rbac, kind: 'Role' },
  { group: '', version: 'v1', kind: 'ServiceAccount' },
] as const

/** The labels of everything that belongs to an engine in a cluster. */
const labels: Readonly<Record<EngineName, string>> = {
  flux: fluxControllersSelector,
  sluice: 'app.kubernetes.io/managed-by=sluice,app.kubernetes.io/name=sluice-engine',
}

/**
 * Removes the objects of the engine that went, when it acts no more and before the other applies the root Kustomization:
 * an engine with few rights could not prune them, and what a broken-off switch installed stands in no inventory.
 */
export function sweepStep(to: EngineName, run: SwitchRun): BootstrapStep {
  const from = to === 'flux' ? 'sluice' : 'flux'
  const title = `remove the components of ${nameOf(from)}`
  return {
    id: 'sweep',
    title,
    async inspect(context) {
      const left = await leftOver(context, from, run)
      return {
        id: 'sweep',
        title,
        state: left.length === 0 ? 'done' : 'to-do',
        summary: left.length === 0 ? 'none are there' : `delete ${left.length} objects`,
        changes: left.map(object => ({ kind: 'object', ref: refOf(object), action: 'delete' }) as const),
      }
    },
    async apply(context) {
      const { client, signal } = context
      const left = await leftOver(context, from, run)
      for (const object of left) {
        const { uid } = object.metadata
        const preconditions = uid === undefined ? {} : { preconditions: { uid } }
        try {
          await effect(context, `switch.sweep.${object.kind}`, () =>
            client.delete(refOf(object), { propagationPolicy: 'Background', ...preconditions, signal }),
          )
        } catch (error) {
          // Gone meanwhile, or made anew by somebody else.
          if (!isNotFound(error) && !isConflict(error)) throw error
        }
      }
      return { summary: `deleted ${left.length} objects` }
    },
  }
}

/** Objects of an engine that are live and in no file; what another Kustomization applies is not the fleet's. */
async function leftOver(
  { client, fleet, signal }: BootstrapContext,
  from: EngineName,
  { facts }: SwitchRun,
): Promise<KubeObject[]> {
  const stays = new Set((facts?.after ?? []).map(object => refKey(refOf(object))))
  const labelSelector = `${labels[from]},app.kubernetes.io/instance=${fleet.namespace}`
  const lists = await Promise.all(
    kinds.map(async kind => ({ kind, items: (await client.list(kind, { labelSelector, signal })).items })),
  )
  return lists.flatMap(({ kind: { group, version, kind }, items }) =>
    items
      // Lists leave kind and version out.
      .map(item => ({ ...item, kind, apiVersion: group === '' ? version : `${group}/${version}` }))
      .filter(item => {
        const owner = item.metadata.labels?.['kustomize.toolkit.fluxcd.io/name']
        const isFleets = owner === undefined || owner === fleet.namespace
        return isFleets && item.metadata.deletionTimestamp === undefined && !stays.has(refKey(refOf(item)))
      }),
  )
}
