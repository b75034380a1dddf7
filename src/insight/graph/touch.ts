import type { KubeObject, ManagedFieldsEntry } from '../../kube/object.ts'
import type { Touch } from './types.ts'

/** Field managers of what applies from Git: those of Flux, which the engine's are too. */
export const applierManagers: ReadonlySet<string> = new Set([
  'kustomize-controller',
  'helm-controller',
  'source-controller',
  'notification-controller',
  'flux',
  'helm',
  'sluice',
])

/** Parts of Kubernetes that write what they run: no drift. */
const systemManagers = /^(kube-|kubelet$|k3s$|cloud-|eks-|vpa-|cluster-autoscaler|sluice-|eksctl-|manager$|machine)/

/**
 * Who changed an object after it was last applied from Git, by its managedFields: an update, not of a subresource, of
 * something else than metadata. It may have changed what Git leaves open; the difference to Git tells.
 */
export function touchOf({ metadata }: KubeObject): Touch | undefined {
  const entries = metadata.managedFields ?? []
  const applied = newest(entries.filter(one => applierManagers.has(one.manager ?? '') && !one.subresource))
  if (applied === undefined) return undefined
  const foreign = newest(
    entries.filter(
      one =>
        one.operation === 'Update' &&
        !one.subresource &&
        one.manager !== undefined &&
        !applierManagers.has(one.manager) &&
        !systemManagers.test(one.manager) &&
        Object.keys(one.fieldsV1 ?? {}).some(field => field !== 'f:metadata' && field !== 'f:status'),
    ),
  )
  if (foreign?.time === undefined || foreign.time < (applied.time ?? '')) return undefined
  return { manager: (foreign.manager ?? '').slice(0, 128), at: foreign.time }
}

function newest(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry | undefined {
  return entries.reduce<ManagedFieldsEntry | undefined>(
    (best, one) => (best === undefined || (one.time ?? '') > (best.time ?? '') ? one : best),
    undefined,
  )
}
