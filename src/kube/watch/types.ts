import type { ApiResource } from '../client/types.ts'
import type { KubeObject } from '../object.ts'

/** A change in a watched collection, after the cache has taken it in. */
export type CacheEvent =
  | { readonly type: 'added'; readonly object: KubeObject }
  | { readonly type: 'modified'; readonly object: KubeObject; readonly previous: KubeObject }
  | { readonly type: 'deleted'; readonly object: KubeObject }

/**
 * A collection kept in memory by list and watch. It survives disconnects, 410 Gone and server restarts, and then
 * reports only what really changed. Objects are frozen by convention: never change one.
 */
export interface Informer {
  /** The kind as discovery describes it; throws E_KUBE_KIND_UNKNOWN while it is not known: await `synced` first. */
  readonly resource: ApiResource
  /** Resolves after the first complete list, however long that takes; rejects with E_ABORTED when stopped before. */
  readonly synced: Promise<void>
  /** Whether the first complete list has been read. */
  readonly hasSynced: boolean
  get(namespace: string, name: string): KubeObject | undefined
  list(namespace?: string): readonly KubeObject[]
  /** Calls the listener for each later change; returns the function that ends it. */
  subscribe(listener: (event: CacheEvent) => void): () => void
  /** The version up to which the cache has seen everything. */
  readonly resourceVersion: string | undefined
  stop(): void
}

export interface InformerOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Told of each problem and recovery, for logs and metrics. */
  readonly onTransition?: (state: 'listing' | 'watching' | 'disconnected' | 'gone', error?: unknown) => void
  /** Take out parts of objects before they are kept (managedFields, say), to hold memory down. */
  readonly transform?: (object: KubeObject) => KubeObject
  /** Milliseconds without an event or bookmark after which a watch is taken for dead and opened anew; 60 000 when absent. */
  readonly idleTimeoutMs?: number
}
