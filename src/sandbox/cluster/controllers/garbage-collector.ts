import type { ClusterState } from '../cluster-state.ts'
import type { Collection } from '../store/collection.ts'
import type { ChangeEvent } from '../store/history.ts'
import type { StoredRecord } from '../store/record.ts'
import { deleteObject } from '../write/delete.ts'
import { internalWrite, rewrite } from '../write/internal.ts'
import { OwnerIndex, ownersOf } from './owner-index.ts'

const orphanFinalizer = 'orphan'
/** Patience with owners that are not there: whoever made the dependent may be about to make them. */
const absentOwnerMs = 10_000
const foregroundFinalizer = 'foregroundDeletion'

/**
 * Deletes what depends on owners that are gone, and does what the propagation policies Foreground and Orphan ask for.
 * Contract: Kubernetes documentation, "Garbage Collection", and the controller of that name.
 */
export class GarbageCollector {
  readonly #cluster: ClusterState
  readonly #index = new OwnerIndex()
  readonly #timers = new Set<NodeJS.Timeout>()
  #stop: (() => void) | undefined

  constructor(cluster: ClusterState) {
    this.#cluster = cluster
  }

  start(): void {
    const { store } = this.#cluster
    const all: { collection: Collection; record: StoredRecord }[] = []
    for (const collection of store.collections())
      for (const record of collection.records()) all.push({ collection, record })
    for (const { collection, record } of all) this.#index.put(collection, record, undefined)
    for (const { collection, record } of all) this.#look(collection, record)
    this.#stop = store.onChange((collection, event) => this.#changed(collection, event))
  }

  stop(): void {
    this.#stop?.()
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #changed(collection: Collection, event: ChangeEvent): void {
    const { record } = event
    if (event.type === 'DELETED') {
      const dependents = this.#index.dependentsOf(record.uid)
      this.#index.remove(record)
      for (const dependent of dependents) this.#look(dependent.collection, dependent.record, true)
      for (const owner of ownersOf(record.object)) this.#lookByUid(owner)
      return
    }
    this.#index.put(collection, record, event.previous)
    this.#look(collection, record)
    // A dependent that no longer blocks may let its owner go.
    if (event.previous) for (const owner of ownersOf(event.previous.object)) this.#lookByUid(owner)
  }

  #lookByUid(uid: string): void {
    const place = this.#index.placeOf(uid)
    const record = place?.collection.get(place.key)
    if (place && record?.uid === uid && record.object.metadata.deletionTimestamp !== undefined)
      this.#look(place.collection, record)
  }

  /**
   * Does what one object needs now.
   * @param ownerGone Whether an owner has just gone; otherwise owners that are not there may still be on their way.
   */
  #look(collection: Collection, record: StoredRecord, ownerGone = false): void {
    const { metadata } = record.object
    if (metadata.deletionTimestamp !== undefined) {
      if (metadata.finalizers?.includes(orphanFinalizer)) this.#orphan(collection, record)
      else if (metadata.finalizers?.includes(foregroundFinalizer)) this.#deleteForeground(collection, record)
      return
    }
    const owners = ownersOf(record.object)
    if (owners.length === 0) return
    const absent = owners.filter(owner => !this.#index.has(owner))
    if (absent.length === 0) return
    if (!ownerGone) {
      this.#lookLater(collection, record)
      return
    }
    if (absent.length === owners.length) this.#delete(collection, record, 'Background')
    else this.#dropOwners(collection, record, absent)
  }

  /** Looks again after a while at an object whose owners were never seen. */
  #lookLater(collection: Collection, record: StoredRecord): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const current = collection.get(record.key)
      if (current?.uid === record.uid) this.#look(collection, current, true)
    }, absentOwnerMs)
    this.#timers.add(timer.unref())
  }

  #orphan(collection: Collection, record: StoredRecord): void {
    for (const dependent of this.#index.dependentsOf(record.uid))
      this.#dropOwners(dependent.collection, dependent.record, [record.uid])
    this.#dropFinalizer(collection, record, orphanFinalizer)
  }

  #deleteForeground(collection: Collection, record: StoredRecord): void {
    const dependents = this.#index.dependentsOf(record.uid)
    const blocks = dependents.filter(({ record: { object } }) =>
      object.metadata.ownerReferences?.some(owner => owner.uid === record.uid && owner.blockOwnerDeletion),
    )
    if (blocks.length === 0) {
      this.#dropFinalizer(collection, record, foregroundFinalizer)
      return
    }
    for (const dependent of dependents) {
      if (dependent.record.object.metadata.deletionTimestamp !== undefined) continue
      // Others that own it too keep it alive.
      const others = ownersOf(dependent.record.object).filter(owner => owner !== record.uid && this.#index.has(owner))
      if (others.length > 0) this.#dropOwners(dependent.collection, dependent.record, [record.uid])
      else this.#delete(dependent.collection, dependent.record, 'Foreground')
    }
  }

  #delete(collection: Collection, record: StoredRecord, propagationPolicy: 'Background' | 'Foreground'): void {
    const kind = this.#cluster.kinds.stored(collection.id)
    if (!kind) return
    const request = internalWrite(kind, record.namespace, record.name, '')
    const preconditions = { uid: record.uid }
    deleteObject(this.#cluster, request, { dryRun: false, propagationPolicy, preconditions }).catch(
      (error: unknown) => {
        this.#cluster.logger.debug('garbage was not deleted', {
          collection: collection.id,
          key: record.key,
          error: String(error),
        })
      },
    )
  }

  #dropOwners(collection: Collection, record: StoredRecord, uids: readonly string[]): void {
    const current = collection.get(record.key)
    if (current?.uid !== record.uid) return
    rewrite(this.#cluster, collection.id, current, object => {
      object.metadata.ownerReferences = object.metadata.ownerReferences?.filter(owner => !uids.includes(owner.uid))
    })
  }

  #dropFinalizer(collection: Collection, record: StoredRecord, finalizer: string): void {
    const current = collection.get(record.key)
    if (current?.uid !== record.uid) return
    rewrite(this.#cluster, collection.id, current, object => {
      object.metadata.finalizers = object.metadata.finalizers?.filter(name => name !== finalizer)
    })
  }
}
