import { jsonEqual } from '../../../base/json.ts'
import type { KubeObject, ObjectMeta } from '../../../kube/object.ts'
import { checkEscalation, grantingCollections } from '../auth/escalation.ts'
import type { ClusterState } from '../cluster-state.ts'
import { conflict, invalid, notFound } from '../http/status.ts'
import type { StoredRecord } from '../store/record.ts'
import { recordKey } from '../store/record.ts'
import { pluginsFor, review } from './admission.ts'
import { storageApiVersion, toRequestVersion, toStorageVersion } from './convert.ts'
import { createObject } from './create.ts'
import { countsAsChange, hasGeneration } from './generation.ts'
import { managedUpdate } from './managed.ts'
import { shaped } from './object-shape.ts'
import { dedupOwners } from './owners.ts'
import { checkIdentity, checkVersion } from './preconditions.ts'
import { podParts, prepareUpdate } from './prepare-update.ts'
import { applyDefaults, validateChange } from './validate.ts'
import type { WriteOutcome, WriteRequest } from './write-request.ts'

/** How the new state follows from the live one. Called again when a write came between. */
export interface Change {
  /** The new object in the request's version; `live` (in the request's version too) must not be changed. */
  next(live: KubeObject | undefined): KubeObject
  /** Whether `next` has worked out the managed fields (server-side apply). */
  readonly managed: boolean
  /** Whether an absent object is created. */
  readonly mayCreate: boolean
  /** Whether this is a patch or an apply: it needs no resource version, and its uid is judged as a field. */
  readonly patch: boolean
}

/** Attempts against writes that come between; each is a new look at the live object. */
const maxAttempts = 10

/** Replaces, patches or applies one object. */
export async function updateObject(
  cluster: ClusterState,
  request: WriteRequest,
  change: Change,
): Promise<WriteOutcome> {
  const collection = cluster.store.collection(request.kind.collection)
  const { definition } = request.kind
  const subject = { group: definition.group, resource: definition.plural, name: request.name }
  const key = recordKey(request.namespace, request.name)
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const record = collection.get(key)
    if (!record) {
      if (!change.mayCreate || request.subresource !== '') throw notFound(subject)
      const sent = change.next(undefined)
      checkIdentity(request, sent)
      if (sent.metadata.uid) {
        const why = `uid mismatch: the provided object specified uid ${sent.metadata.uid}, and no existing object was found`
        throw conflict(subject, why)
      }
      return await createObject(
        cluster,
        { ...request, name: '' },
        { ...sent, metadata: { ...sent.metadata, name: request.name } },
        change.managed,
      )
    }
    const outcome = await replaceRecord(cluster, request, change, record)
    if (outcome) return outcome
  }
  throw conflict(subject, 'the object has been modified; please apply your changes to the latest version and try again')
}

/** Undefined when another write came between. */
async function replaceRecord(
  cluster: ClusterState,
  request: WriteRequest,
  change: Change,
  record: StoredRecord,
): Promise<WriteOutcome | undefined> {
  const { kind } = request
  const { definition } = kind
  const old = record.object
  const subject = { group: definition.group, resource: definition.plural, name: request.name }
  const now = cluster.clock.now()
  const sent = change.next(toRequestVersion(kind, old))
  checkIdentity(request, sent)
  checkVersion(request, change.patch, sent, record)
  if (grantingCollections.has(kind.collection))
    checkEscalation(cluster.store, request.user, definition.plural, request.namespace, sent, old)
  const next = { ...sent, metadata: systemMeta(sent.metadata, old.metadata) }
  applyDefaults(request, next)
  dedupOwners(request, next)
  const object = toStorageVersion(kind, change.managed ? next : managedUpdate(request, old, next, now))
  prepareUpdate(request, object, old)
  const meta = object.metadata
  if (hasGeneration(kind)) {
    const generation = old.metadata.generation ?? 0
    meta.generation =
      request.subresource !== 'status' && countsAsChange(kind, object, old) ? generation + 1 : generation
  }
  const errors = request.trusted || podParts[request.subresource] ? [] : validateChange(request, object, old)
  if (errors.length > 0) throw invalid({ ...subject, resource: definition.kind }, errors)
  const plugins = pluginsFor(cluster, request)
  if (plugins.length > 0) {
    await review(plugins, request, 'UPDATE', toRequestVersion(kind, object), toRequestVersion(kind, old))
    if (cluster.store.collection(kind.collection).get(record.key) !== record) return undefined
  }
  const complete = shaped(object, definition.kind, storageApiVersion(kind))
  if (isUnchanged(complete, old)) return { json: record.json, outcome: 'unchanged' }
  return commit(cluster, request, complete, record)
}

function commit(
  cluster: ClusterState,
  request: WriteRequest,
  complete: KubeObject,
  record: StoredRecord,
): WriteOutcome {
  const { store } = cluster
  const meta = complete.metadata
  const collection = store.collection(request.kind.collection)
  // The last finalizer of an object that waits for its deletion is gone: the update is the deletion.
  const isLast =
    meta.deletionTimestamp !== undefined &&
    !meta.finalizers &&
    (meta.deletionGracePeriodSeconds ?? 0) === 0 &&
    !request.kind.definition.strategy.isHeld?.(complete)
  if (request.options.dryRun) {
    meta.resourceVersion = String(record.version)
    return { json: JSON.stringify(complete), outcome: isLast ? 'deleted' : 'updated' }
  }
  if (isLast) {
    store.remove(collection, record)
    return { json: JSON.stringify(complete), outcome: 'deleted' }
  }
  return { json: store.put(collection, complete, record).json, outcome: 'updated' }
}

/** Metadata as sent, but for what only the server decides. */
function systemMeta(sent: ObjectMeta, old: ObjectMeta): ObjectMeta {
  return {
    ...sent,
    name: old.name,
    namespace: old.namespace,
    generateName: sent.generateName ?? old.generateName,
    uid: sent.uid || old.uid,
    resourceVersion: old.resourceVersion,
    creationTimestamp: old.creationTimestamp,
    deletionTimestamp: old.deletionTimestamp ?? sent.deletionTimestamp,
    deletionGracePeriodSeconds: old.deletionGracePeriodSeconds ?? sent.deletionGracePeriodSeconds,
    generation: old.generation,
  }
}

/** Whether nothing changes; a change of times in managed fields alone is none. */
function isUnchanged(next: KubeObject, old: KubeObject): boolean {
  return jsonEqual(withoutTimes(next), withoutTimes(old))
}

function withoutTimes(object: KubeObject): KubeObject {
  const { managedFields } = object.metadata
  if (!managedFields) return object
  return {
    ...object,
    metadata: { ...object.metadata, managedFields: managedFields.map(entry => ({ ...entry, time: undefined })) },
  }
}
