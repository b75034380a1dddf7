import type { ObjectRef } from '../../kube/identity.ts'
import { type Cluster, eksaGroup } from '../../specs/index.ts'

const version = 'v1alpha1'

/** The objects that a cluster's spec names: without them no machine can be made. */
export function dependents({ metadata, spec }: Cluster): ObjectRef[] {
  const namespace = metadata.namespace ?? 'default'
  const refs = [
    spec.datacenterRef,
    spec.controlPlaneConfiguration?.machineGroupRef,
    ...(spec.workerNodeGroupConfigurations ?? []).map(group => group.machineGroupRef),
    spec.externalEtcdConfiguration?.machineGroupRef,
    spec.gitOpsRef,
    ...(spec.identityProviderRefs ?? []),
  ]
  const found = new Map<string, ObjectRef>()
  for (const ref of refs) {
    if (ref?.kind === undefined || ref.name === undefined) continue
    found.set(`${ref.kind}/${ref.name}`, { group: eksaGroup, version, kind: ref.kind, namespace, name: ref.name })
  }
  return [...found.values()]
}
