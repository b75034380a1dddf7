import { Failure } from '../failure.ts'
import type { SortOptions } from '../kustomization.ts'
import { printGvk, type ResId } from '../resid.ts'
import type { Transformer } from '../transformer.ts'

/** kustomize's legacy order: what others need comes first. */
const defaultFirst =
  'Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget'.split(
    ' ',
  )
const defaultLast = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** `sortOptions`; without options objects stay in load order. */
export function sortOrderTransformer(options: SortOptions = { order: 'fifo' }): Transformer {
  return map => {
    if (options.order !== 'fifo' && options.order !== 'legacy') {
      throw new Failure("the field 'sortOptions.order' must be one of [fifo, legacy]")
    }
    if (options.order === 'fifo') {
      if (options.legacySortOptions === undefined) return
      throw new Failure(
        "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
      )
    }
    const legacy = options.legacySortOptions ?? { orderFirst: defaultFirst, orderLast: defaultLast }
    const first = legacy.orderFirst ?? []
    const ranks = new Map(first.map((kind, i) => [kind, i - first.length]))
    for (const [i, kind] of (legacy.orderLast ?? []).entries()) ranks.set(kind, 1 + i)
    const sorted = map.resources
      .map(resource => sortable(resource.id, resource, ranks))
      .sort((a, b) => a.rank - b.rank || compare(a.gvk, b.gvk) || compare(a.id, b.id))
    map.replaceAll(sorted.map(entry => entry.item))
  }
}

function sortable<T>(id: ResId, item: T, ranks: ReadonlyMap<string, number>) {
  return {
    item,
    rank: ranks.get(id.kind) ?? 0,
    gvk: `${id.group || '~G'}_${id.version || '~V'}_${id.kind || '~K'}`,
    id: `${printGvk(id)}|${id.namespace || '~X'}|${id.name || '~N'}`,
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
