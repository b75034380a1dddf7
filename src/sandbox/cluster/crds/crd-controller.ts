import { jsonEqual } from '../../../base/json.ts'
import type { Condition, KubeObject } from '../../../kube/object.ts'
import type { ClusterState } from '../cluster-state.ts'
import { collectionId } from '../kinds/registry.ts'
import type { StoredRecord } from '../store/record.ts'
import { deleteObject } from '../write/delete.ts'
import { internalWrite, rewrite } from '../write/internal.ts'
import { timestamp } from '../write/timestamp.ts'
import { type CrdNames, cleanupFinalizer, conditionOf, crdCollection, specOf, statusOf } from './crd.ts'
import { customKind } from './custom-kind.ts'
import { nameConflicts } from './name-conflicts.ts'

/**
 * Follows the definitions: accepts their names, establishes them, serves their kinds, and removes their resources when
 * they are deleted. It is part of the API server and runs always.
 */
export class CrdController {
  readonly #cluster: ClusterState
  /** Name of a definition → its uid and generation when its kind was made. */
  readonly #made = new Map<string, string>()
  #stop: (() => void) | undefined

  constructor(cluster: ClusterState) {
    this.#cluster = cluster
  }

  start(): void {
    const collection = this.#cluster.store.collection(crdCollection)
    for (const record of [...collection.records()]) this.#sync(record)
    const listener = (event: { readonly type: string; readonly record: StoredRecord }) => {
      if (event.type === 'DELETED') this.#forget(event.record.object)
      else this.#sync(collection.get(event.record.key))
    }
    collection.listeners.add(listener)
    this.#stop = () => collection.listeners.delete(listener)
  }

  stop(): void {
    this.#stop?.()
  }

  #sync(record: StoredRecord | undefined): void {
    if (!record) return
    const crd = record.object
    if (crd.metadata.deletionTimestamp !== undefined) {
      this.#finish(record)
      return
    }
    const accepted = this.#accept(crd)
    if (accepted.changed) {
      rewrite(this.#cluster, crdCollection, record, object => {
        object['status'] = accepted.status
        if (accepted.established) {
          object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), cleanupFinalizer])]
        }
      })
      return
    }
    if (conditionOf(crd, 'Established') !== 'True') return
    // Compiled schemas hang on the kind: it is made anew only when the spec has changed.
    const made = `${record.uid}/${crd.metadata.generation}`
    if (this.#made.get(record.key) === made) return
    this.#made.set(record.key, made)
    this.#cluster.kinds.set(customKind(crd))
  }

  /** The status that a definition ought to have. */
  #accept(crd: KubeObject): {
    readonly changed: boolean
    readonly established: boolean
    readonly status: Record<string, unknown>
  } {
    const { names = {} } = specOf(crd)
    const status = statusOf(crd)
    const conflicts = nameConflicts(this.#cluster, crd)
    const wasEstablished = conditionOf(crd, 'Established') === 'True'
    const first = conflicts[0]
    const acceptedNames: CrdNames = { plural: '', kind: '', ...status.acceptedNames }
    for (const key of ['plural', 'singular', 'kind', 'listKind', 'shortNames', 'categories'] as const) {
      if (conflicts.some(conflict => conflict.name === key)) continue
      if (names[key] === undefined) delete acceptedNames[key]
      else acceptedNames[key] = names[key] as never
    }
    const conditions: Condition[] = [...(status.conditions ?? [])]
    const now = timestamp(this.#cluster.clock.now())
    setCondition(conditions, now, {
      type: 'NamesAccepted',
      status: first ? 'False' : 'True',
      reason: first?.reason ?? 'NoConflicts',
      message: first?.message ?? 'no conflicts found',
    })
    if (!wasEstablished) {
      setCondition(
        conditions,
        now,
        first
          ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
          : {
              type: 'Established',
              status: 'True',
              reason: 'InitialNamesAccepted',
              message: 'the initial names have been accepted',
            },
      )
    }
    const next = { ...status, conditions, acceptedNames }
    return { changed: !jsonEqual(next, status), established: wasEstablished || !first, status: next }
  }

  /** Deletes what a terminating definition defined, then lets it go. */
  #finish(record: StoredRecord): void {
    const crd = record.object
    if (!crd.metadata.finalizers?.includes(cleanupFinalizer)) return
    void this.#removeResources(crd)
      .then(done => {
        const current = this.#cluster.store.collection(crdCollection).get(record.key)
        if (!current || current.uid !== record.uid) return
        if (done) {
          rewrite(this.#cluster, crdCollection, current, object => {
            object.metadata.finalizers = object.metadata.finalizers?.filter(name => name !== cleanupFinalizer)
          })
          return
        }
        if (conditionOf(current.object, 'Terminating') !== 'True') this.#markTerminating(current)
      })
      .catch((error: unknown) =>
        this.#cluster.logger.error('custom resources could not be removed', { error: String(error) }),
      )
  }

  #markTerminating(record: StoredRecord): void {
    rewrite(this.#cluster, crdCollection, record, object => {
      const conditions = [...(statusOf(object).conditions ?? [])]
      setCondition(conditions, timestamp(this.#cluster.clock.now()), {
        type: 'Terminating',
        status: 'True',
        reason: 'InstanceDeletionInProgress',
        message: 'CustomResource deletion is in progress',
      })
      object['status'] = { ...statusOf(object), conditions }
    })
  }

  /** Whether all resources are gone; what finalizers hold is looked at again when it changes. */
  async #removeResources(crd: KubeObject): Promise<boolean> {
    const { group, names = {} } = specOf(crd)
    const id = collectionId({ group, plural: names.plural ?? '' })
    const kind = this.#cluster.kinds.stored(id)
    const collection = this.#cluster.store.collection(id)
    if (!kind) return collection.size === 0
    for (const record of [...collection.records()]) {
      if (record.object.metadata.deletionTimestamp !== undefined) continue
      const request = internalWrite(kind, record.namespace, record.name, '')
      await deleteObject(this.#cluster, request, { dryRun: false, preconditions: {} }).catch(() => undefined)
    }
    if (collection.size === 0) return true
    this.#whenEmpty(id, crd.metadata.name ?? '')
    return false
  }

  /** Tries again when the last resource has gone. */
  #whenEmpty(id: string, name: string): void {
    const collection = this.#cluster.store.collection(id)
    const listener = () => {
      if (collection.size > 0) return
      collection.listeners.delete(listener)
      this.#sync(this.#cluster.store.collection(crdCollection).get(name))
    }
    collection.listeners.add(listener)
  }

  #forget(crd: KubeObject): void {
    const { group, names = {} } = specOf(crd)
    const id = collectionId({ group, plural: names.plural ?? '' })
    const definition = this.#cluster.kinds.definition(id)
    this.#made.delete(crd.metadata.name ?? '')
    if (definition?.custom) this.#cluster.kinds.delete(group, names.plural ?? '')
    // Names that the definition held are free: another one may have waited for them.
    for (const record of [...this.#cluster.store.collection(crdCollection).records()]) {
      if (conditionOf(record.object, 'NamesAccepted') === 'False') this.#sync(record)
    }
  }
}

function setCondition(conditions: Condition[], now: string, next: Condition): void {
  const at = conditions.findIndex(condition => condition.type === next.type)
  const old = conditions[at]
  const lastTransitionTime = old && old.status === next.status ? old.lastTransitionTime : now
  const { type, status, reason, message } = next
  const made = { type, status, lastTransitionTime, reason, message }
  if (at < 0) conditions.push(made)
  else conditions[at] = made
}
