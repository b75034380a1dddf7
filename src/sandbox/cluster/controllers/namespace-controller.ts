import { isObject } from '../../../base/json.ts'
import type { ClusterState } from '../cluster-state.ts'
import type { Collection } from '../store/collection.ts'
import type { ChangeEvent } from '../store/history.ts'
import type { StoredRecord } from '../store/record.ts'
import { recordKey } from '../store/record.ts'
import { createObject } from '../write/create.ts'
import { deleteObject } from '../write/delete.ts'
import { internalWrite, rewrite } from '../write/internal.ts'

const namespaces = 'namespaces'

/**
 * Gives each namespace its default service account and the cluster's certificate, and empties and removes namespaces
 * that are being deleted.
 */
export class NamespaceController {
  readonly #cluster: ClusterState
  readonly #caPem: string
  readonly #terminating = new Set<string>()
  #stop: (() => void) | undefined

  constructor(cluster: ClusterState, caPem: string) {
    this.#cluster = cluster
    this.#caPem = caPem
  }

  start(): void {
    const { store } = this.#cluster
    for (const record of [...store.collection(namespaces).records()]) this.#sync(record)
    this.#stop = store.onChange((collection, event) => this.#changed(collection, event))
  }

  stop(): void {
    this.#stop?.()
  }

  #changed(collection: Collection, event: ChangeEvent): void {
    if (collection.id === namespaces) {
      if (event.type === 'DELETED') this.#terminating.delete(event.record.name)
      else this.#sync(event.record)
      return
    }
    // Something that held a terminating namespace has gone.
    if (event.type === 'DELETED' && this.#terminating.has(event.record.namespace)) this.#finish(event.record.namespace)
  }

  #sync(record: StoredRecord): void {
    if (record.object.metadata.deletionTimestamp === undefined) {
      void this.#furnish(record.name)
      return
    }
    if (!hasKubernetesFinalizer(record)) return
    this.#terminating.add(record.name)
    void this.#empty(record.name)
  }

  async #furnish(namespace: string): Promise<void> {
    await this.#ensure('v1', 'ServiceAccount', namespace, 'default', {})
    await this.#ensure('v1', 'ConfigMap', namespace, 'kube-root-ca.crt', { data: { 'ca.crt': this.#caPem } })
  }

  async #ensure(
    apiVersion: string,
    kindName: string,
    namespace: string,
    name: string,
    rest: Record<string, unknown>,
  ): Promise<void> {
    const kind = this.#cluster.kinds.byKind(apiVersion, kindName)
    if (!kind || this.#cluster.store.collection(kind.collection).get(recordKey(namespace, name))) return
    const request = internalWrite(kind, namespace, '', 'kube-controller-manager')
    await createObject(this.#cluster, request, { apiVersion, kind: kindName, metadata: { name }, ...rest }).catch(
      (error: unknown) =>
        this.#cluster.logger.debug('a namespace could not be furnished', { namespace, name, error: String(error) }),
    )
  }

  async #empty(namespace: string): Promise<void> {
    for (const collection of this.#cluster.store.collections()) {
      const kind = this.#cluster.kinds.stored(collection.id)
      if (!kind?.definition.namespaced) continue
      for (const record of [...collection.records(namespace)]) {
        if (record.object.metadata.deletionTimestamp !== undefined) continue
        const request = internalWrite(kind, namespace, record.name, '')
        const options = {
          dryRun: false,
          propagationPolicy: 'Background',
          preconditions: {},
          gracePeriodSeconds: 0,
        } as const
        await deleteObject(this.#cluster, request, options).catch(() => undefined)
      }
    }
    this.#finish(namespace)
  }

  /** Takes the finalizer from a namespace in which nothing is left. */
  #finish(name: string): void {
    const { store, kinds } = this.#cluster
    const record = store.collection(namespaces).get(name)
    if (!record || !hasKubernetesFinalizer(record)) return
    for (const collection of store.collections()) {
      if (!kinds.definition(collection.id)?.namespaced) continue
      for (const _ of collection.records(name)) return
    }
    rewrite(this.#cluster, namespaces, record, object => {
      const spec = isObject(object['spec']) ? object['spec'] : {}
      object['spec'] = { ...spec, finalizers: finalizersOf(spec).filter(finalizer => finalizer !== 'kubernetes') }
    })
  }
}

function hasKubernetesFinalizer(record: StoredRecord): boolean {
  const { spec } = record.object
  return isObject(spec) && finalizersOf(spec).includes('kubernetes')
}

function finalizersOf(spec: Record<string, unknown>): string[] {
  return Array.isArray(spec['finalizers']) ? (spec['finalizers'] as string[]) : []
}
