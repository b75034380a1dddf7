import type { KubeObject } from '../../kube/object.ts'
import { applyPolicyKey, forceKey, ownerNameLabel, ownerNamespaceLabel, pruneKey, reconcileKey } from '../contract.ts'

/** The Kustomization that objects belong to. */
export interface Owner {
  readonly namespace: string
  readonly name: string
}

/** The object with its owner labels and with the common labels and annotations of the Kustomization, which win over its own. */
export function withOwner(
  object: KubeObject,
  owner: Owner,
  common?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  },
): KubeObject {
  const labels = {
    ...object.metadata.labels,
    ...common?.labels,
    [ownerNameLabel]: owner.name,
    [ownerNamespaceLabel]: owner.namespace,
  }
  const annotations = common?.annotations ? { ...object.metadata.annotations, ...common.annotations } : undefined
  return { ...object, metadata: { ...object.metadata, labels, ...(annotations ? { annotations } : {}) } }
}

/** The Kustomization that an object in the cluster belongs to by its labels. */
export function ownerOf(object: KubeObject): Owner | undefined {
  const name = object.metadata.labels?.[ownerNameLabel]
  const namespace = object.metadata.labels?.[ownerNamespaceLabel]
  return name === undefined || namespace === undefined ? undefined : { namespace, name }
}

export function isOwnedBy(object: KubeObject, owner: Owner): boolean {
  const found = ownerOf(object)
  return found?.name === owner.name && found.namespace === owner.namespace
}

/** Whether a label or annotation has a value; case does not matter. */
function says(object: KubeObject | undefined, key: string, value: string): boolean {
  const { labels, annotations } = object?.metadata ?? {}
  return labels?.[key]?.toLowerCase() === value || annotations?.[key]?.toLowerCase() === value
}

/** What the labels and annotations of an object, as desired and as it is, say about applying it. */
export interface ApplyPolicy {
  /** Never touched. */
  readonly skip: boolean
  /** Only created. */
  readonly createOnly: boolean
  /** Other managers' additions stay (`ssa: Merge`). */
  readonly merge: boolean
  /** Made anew when a field cannot be changed in place. */
  readonly force: boolean
}

export function applyPolicy(desired: KubeObject, live: KubeObject | undefined): ApplyPolicy {
  const either = (key: string, value: string) => says(desired, key, value) || says(live, key, value)
  return {
    skip: either(reconcileKey, 'disabled') || either(applyPolicyKey, 'ignore'),
    createOnly: says(desired, applyPolicyKey, 'ifnotpresent'),
    merge: either(applyPolicyKey, 'merge'),
    force: either(forceKey, 'enabled'),
  }
}

/** Whether an object in the cluster may never be garbage collected. */
export function keepsFromPruning(live: KubeObject): boolean {
  return (
    says(live, pruneKey, 'disabled') || says(live, reconcileKey, 'disabled') || says(live, applyPolicyKey, 'ignore')
  )
}
