import type { KubeObject } from '../../../kube/object.ts'
import { loopbackUser } from '../auth/user.ts'
import type { ClusterState } from '../cluster-state.ts'
import type { ServedKind } from '../kinds/registry.ts'
import type { StoredRecord } from '../store/record.ts'
import { shaped } from './object-shape.ts'
import type { WriteRequest } from './write-request.ts'

/** A write by a part of the control plane itself. */
export function internalWrite(kind: ServedKind, namespace: string, name: string, manager: string): WriteRequest {
  const options = { dryRun: false, manager, fieldValidation: 'Ignore', force: false } as const
  return { kind, namespace, name, subresource: '', user: loopbackUser, options, warnings: [] }
}

/**
 * Changes a stored object past all rules, as controllers of the control plane do with status and finalizers they own.
 * `change` gets a copy whose metadata may be changed. The object goes when this takes its last finalizer while it waits
 * for deletion.
 */
export function rewrite(
  cluster: ClusterState,
  collectionId: string,
  record: StoredRecord,
  change: (object: KubeObject) => void,
): void {
  const { store } = cluster
  const collection = store.collection(collectionId)
  const current = record.object
  const next: KubeObject = { ...current, metadata: { ...current.metadata } }
  change(next)
  const complete = shaped(next, current.kind, current.apiVersion)
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = complete.metadata
  const held = cluster.kinds.definition(collectionId)?.strategy.isHeld?.(complete) ?? false
  if (deletionTimestamp !== undefined && !finalizers && !deletionGracePeriodSeconds && !held)
    store.remove(collection, record)
  else store.put(collection, complete, record)
}
