import type { KubeObject } from '../../../kube/object.ts'
import type { ClusterState } from '../cluster-state.ts'
import { conflict, forbidden, notFound } from '../http/status.ts'
import { recordKey, type StoredRecord } from '../store/record.ts'
import { pluginsFor, review } from './admission.ts'
import { storageApiVersion, toRequestVersion } from './convert.ts'
import type { DeleteOptions } from './delete-options.ts'
import { shaped } from './object-shape.ts'
import { timestamp } from './timestamp.ts'
import type { WriteRequest } from './write-request.ts'

/** What a deletion came to. */
export interface DeleteOutcome {
  /** The object as it was left: gone, or marked. */
  readonly json: string
  readonly uid: string
  /** Whether it is gone; otherwise it waits for finalizers or its grace period. */
  readonly gone: boolean
}

const orphanFinalizer = 'orphan'
const foregroundFinalizer = 'foregroundDeletion'

/**
 * Deletes one object or marks it for deletion, after the rules of the API server's generic registry: preconditions, the
 * grace period of kinds that have one, finalizers of the propagation policy, then removal when nothing holds it.
 */
export async function deleteObject(
  cluster: ClusterState,
  request: WriteRequest,
  options: DeleteOptions,
): Promise<DeleteOutcome> {
  const { definition } = request.kind
  const collection = cluster.store.collection(request.kind.collection)
  const key = recordKey(request.namespace, request.name)
  const plugins = pluginsFor(cluster, request)
  for (;;) {
    const record = collection.get(key)
    if (!record) throw notFound({ group: definition.group, resource: definition.plural, name: request.name })
    const why = definition.strategy.undeletable?.(record.object)
    if (why !== undefined)
      throw forbidden({ group: definition.group, resource: definition.plural, name: request.name }, why)
    checkPreconditions(request, options, record)
    if (plugins.length > 0) {
      await review(plugins, request, 'DELETE', undefined, toRequestVersion(request.kind, record.object))
      if (collection.get(key) !== record) continue
    }
    return deleteRecord(cluster, request, options, record)
  }
}

function deleteRecord(
  cluster: ClusterState,
  request: WriteRequest,
  options: DeleteOptions,
  record: StoredRecord,
): DeleteOutcome {
  const { store } = cluster
  const { definition } = request.kind
  const collection = store.collection(request.kind.collection)
  const old = record.object
  const next = { ...old, metadata: { ...old.metadata } }
  const grace = mark(cluster, request, options, next, old)
  next.metadata.finalizers = finalizersFor(
    options,
    definition.strategy.defaultFinalizer?.(old),
    old.metadata.finalizers ?? [],
  )
  const held = next.metadata.finalizers.length > 0 || (definition.strategy.isHeld?.(old) ?? false)
  if (held && grace === undefined) markHeld(cluster, next)
  const complete = shaped(next, definition.kind, storageApiVersion(request.kind))
  if (held) definition.strategy.markDeleted?.(complete)
  if (!held && !(grace !== undefined && grace > 0)) {
    if (options.dryRun) return { json: JSON.stringify(complete), uid: record.uid, gone: true }
    // Kinds with graceful deletion are marked first, so that watchers see the mark before the end.
    const last = grace === undefined ? record : store.put(collection, complete, record)
    return { json: store.remove(collection, last).json, uid: record.uid, gone: true }
  }
  if (options.dryRun) return { json: JSON.stringify(complete), uid: record.uid, gone: false }
  if (JSON.stringify(complete) === record.json) return { json: record.json, uid: record.uid, gone: false }
  return { json: store.put(collection, complete, record).json, uid: record.uid, gone: false }
}

/** Sets the grace period of kinds with graceful deletion; undefined for other kinds. */
function mark(
  cluster: ClusterState,
  request: WriteRequest,
  options: DeleteOptions,
  next: KubeObject,
  old: KubeObject,
): number | undefined {
  const graceOf = request.kind.definition.strategy.gracePeriodSeconds
  if (!graceOf) return undefined
  const wanted = graceOf(old, options.gracePeriodSeconds)
  const meta = next.metadata
  const pending = old.metadata.deletionGracePeriodSeconds
  if (old.metadata.deletionTimestamp !== undefined) {
    if (options.gracePeriodSeconds === undefined || wanted >= (pending ?? 0)) return pending ?? 0
    // Patience may be shortened, never extended.
    const began = Date.parse(old.metadata.deletionTimestamp) - (pending ?? 0) * 1000
    meta.deletionTimestamp = timestamp(new Date(began + wanted * 1000))
    meta.deletionGracePeriodSeconds = wanted
    return wanted
  }
  meta.deletionTimestamp = timestamp(new Date(cluster.clock.now().getTime() + wanted * 1000))
  meta.deletionGracePeriodSeconds = wanted
  if (meta.generation) meta.generation++
  return wanted
}

/** Marks an object that only its finalizers hold. */
function markHeld(cluster: ClusterState, next: KubeObject): void {
  const meta = next.metadata
  if (meta.deletionGracePeriodSeconds === undefined && meta.generation) meta.generation++
  meta.deletionTimestamp ??= timestamp(cluster.clock.now())
  meta.deletionGracePeriodSeconds = 0
}

/** Finalizers after the propagation policy has added or taken its own (apiserver `deletionFinalizersForGarbageCollection`). */
function finalizersFor(options: DeleteOptions, byDefault: string | undefined, old: readonly string[]): string[] {
  let wanted: string | undefined
  const { orphanDependents, propagationPolicy } = options
  if (orphanDependents !== undefined) wanted = orphanDependents ? orphanFinalizer : undefined
  else if (propagationPolicy === 'Orphan') wanted = orphanFinalizer
  else if (propagationPolicy === 'Foreground') wanted = foregroundFinalizer
  else if (propagationPolicy === undefined) {
    // Nothing is said: what an earlier deletion said stays, else the kind's default.
    if (old.includes(orphanFinalizer) || old.includes(foregroundFinalizer)) return [...old]
    wanted = byDefault
  }
  const kept = old.filter(name => name !== orphanFinalizer && name !== foregroundFinalizer)
  return wanted === undefined ? kept : [...kept, wanted]
}

function checkPreconditions(request: WriteRequest, options: DeleteOptions, record: StoredRecord): void {
  const { uid, resourceVersion } = options.preconditions
  const { group, kind } = request.kind.definition
  const subject = { group, resource: kind, name: request.name }
  if (uid !== undefined && uid !== record.uid) {
    throw conflict(
      subject,
      `the UID in the precondition (${uid}) does not match the UID in record (${record.uid}). ` +
        'The object might have been deleted and then recreated',
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== String(record.version)) {
    throw conflict(
      subject,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
        `(${record.version}). The object might have been modified`,
    )
  }
}
