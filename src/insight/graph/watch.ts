import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import { fluxKindOf, fluxKinds } from '../../fleet/flux-kinds.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { type GroupVersionKind, type ObjectRef, parseApiVersion, refKey } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { type Informer, WatchCache, type WatchCacheOptions } from '../../kube/watch/index.ts'
import { buildGraph } from './build.ts'
import { MissingObjects } from './missing.ts'
import { slim, slimEvent } from './slim.ts'
import type { GraphSnapshot } from './types.ts'

/** Changes within this time are told as one. */
const tellEveryMs = 1000
/** Kinds beyond this are not watched: inventories can name any. */
const mostKinds = 300
/** Labels by which Flux marks what it applied. */
const ownerLabels = ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name']

/** Watches of whole objects that others look at too. */
export interface SharedWatches {
  informer(kind: GroupVersionKind): Informer
  onTransition(listener: NonNullable<WatchCacheOptions['onTransition']>): void
}

/**
 * The graph of a cluster, kept current by watches. Starts at once; reads nothing else. Objects of Flux come out of `shared`;
 * what they applied is watched here by its labels, and only what the graph needs of it is held.
 */
export class GraphWatch {
  readonly #cache: WatchCache
  readonly #events: WatchCache
  readonly #missing: MissingObjects
  readonly #flux: readonly Informer[]
  readonly #eventInformer: Informer
  readonly #applied = new Map<string, { readonly gvk: GroupVersionKind; readonly informers: readonly Informer[] }>()
  readonly #slimmed = new WeakMap<KubeObject, KubeObject>()
  readonly #listeners = new Set<() => void>()
  readonly #fluxListeners = new Set<(object: KubeObject, deleted: boolean) => void>()
  readonly #clock: Clock
  readonly #end = new AbortController()
  #snapshot: GraphSnapshot | undefined
  #telling = false
  #trouble: string | undefined

  constructor(client: KubeClient, shared: SharedWatches, clock: Clock, logger: Logger) {
    this.#clock = clock
    const onTransition = (_: unknown, state: string, error?: unknown) => {
      if (state === 'watching') this.#trouble = undefined
      else if (state === 'disconnected' && error instanceof SluiceError && error.code !== 'E_KUBE_KIND_UNKNOWN')
        this.#trouble = error.message
    }
    shared.onTransition(onTransition)
    this.#cache = new WatchCache(client, { clock, logger, transform: slim, onTransition })
    this.#events = new WatchCache(client, { clock, logger, transform: slimEvent })
    this.#missing = new MissingObjects(client, clock, this.#end.signal, () => this.#changed())
    this.#flux = fluxKinds.map(kind => this.#follow(shared.informer(kind)))
    for (const informer of this.#flux)
      informer.subscribe(({ object, type }) => {
        for (const listener of [...this.#fluxListeners]) listener(this.#slimOf(object), type === 'deleted')
      })
    this.#eventInformer = this.#events.informer({ group: '', version: 'v1', kind: 'Event' })
    this.#eventInformer.subscribe(() => this.#tell())
    this.#changed()
  }

  /** Why the watches bring nothing, in the server's words; undefined while they do. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Whether the kinds of Flux that the cluster has were read once; false for ever where it has none of them. */
  get ready(): boolean {
    return this.#flux.some(one => one.hasSynced)
  }

  /** The graph now. Built anew only after a change. */
  snapshot(): GraphSnapshot {
    if (this.#snapshot !== undefined) return this.#snapshot
    const flux = this.#flux.flatMap(one => (one.hasSynced ? one.list() : [])).map(one => this.#slimOf(one))
    this.#snapshot = buildGraph(flux, { find: ref => this.#find(ref) })
    this.#watchKinds(this.#snapshot)
    this.#missing.check([...this.#snapshot.nodes.values()].filter(one => one.word === 'Missing').map(one => one.ref))
    return this.#snapshot
  }

  /** Events that the cluster has, of everything. */
  events(): readonly KubeObject[] {
    return this.#eventInformer.hasSynced ? this.#eventInformer.list() : []
  }

  /** Calls the listener after changes, at most once a second; returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls the listener at each change of an object of Flux, at once, with what is kept of it; returns the function that ends it. */
  onFlux(listener: (object: KubeObject, deleted: boolean) => void): () => void {
    this.#fluxListeners.add(listener)
    return () => this.#fluxListeners.delete(listener)
  }

  stop(): void {
    this.#end.abort()
    for (const informer of this.#flux) informer.stop()
    this.#cache.stop()
    this.#events.stop()
    this.#listeners.clear()
  }

  #open(kind: GroupVersionKind, scope: { readonly labelSelector?: string }): Informer {
    return this.#follow(this.#cache.informer(kind, scope))
  }

  #follow(informer: Informer): Informer {
    informer.subscribe(event => {
      this.#missing.forget(event.object)
      this.#changed()
    })
    informer.synced.then(
      () => this.#changed(),
      () => {},
    )
    return informer
  }

  /** An object of the shared watches as the graph takes it; worked out once for each state of it. */
  #slimOf(object: KubeObject): KubeObject {
    const known = this.#slimmed.get(object)
    if (known !== undefined) return known
    const slimmed = slim(object)
    this.#slimmed.set(object, slimmed)
    return slimmed
  }

  #find(ref: ObjectRef): KubeObject | 'unread' | undefined {
    const watched = this.#applied.get(kindKey(ref))
    if (watched === undefined) return this.#applied.size >= mostKinds ? undefined : 'unread'
    for (const informer of watched.informers) {
      const found = informer.hasSynced ? informer.get(ref.namespace, ref.name) : undefined
      if (found !== undefined) return found
    }
    if (watched.informers.some(one => !one.hasSynced)) return 'unread'
    // Without its labels an object is not in the watches: it is asked for by its name before it is called missing.
    return this.#missing.get(ref)
  }

  /** Watches the kinds that inventories name, and no others. */
  #watchKinds({ nodes }: GraphSnapshot): void {
    const wanted = new Map<string, GroupVersionKind>()
    for (const { ref, role } of nodes.values())
      if (role === 'object' && fluxKindOf(ref) === undefined) wanted.set(kindKey(ref), ref)
    for (const [key, gvk] of wanted) {
      const before = this.#applied.get(key)
      if (before?.gvk.version === gvk.version || (before === undefined && this.#applied.size >= mostKinds)) continue
      for (const informer of before?.informers ?? []) informer.stop()
      const { group, version, kind } = gvk
      const informers = ownerLabels.map(labelSelector => this.#open({ group, version, kind }, { labelSelector }))
      this.#applied.set(key, { gvk, informers })
    }
    for (const [key, { informers }] of this.#applied) {
      if (wanted.has(key)) continue
      for (const informer of informers) informer.stop()
      this.#applied.delete(key)
    }
  }

  #changed(): void {
    this.#snapshot = undefined
    this.#tell()
  }

  /** A first change is told after a moment, those that follow at most once a second. */
  #tell(): void {
    if (this.#telling || this.#end.signal.aborted) return
    this.#telling = true
    const wait = (ms: number) => this.#clock.sleep(ms, this.#end.signal)
    const run = async () => {
      await wait(100)
      // Which kinds to watch comes out of the graph.
      this.snapshot()
      for (const listener of [...this.#listeners]) listener()
      await wait(tellEveryMs - 100)
    }
    run()
      .catch(() => {})
      .finally(() => {
        this.#telling = false
        if (this.#snapshot === undefined) this.#tell()
      })
  }
}

const kindKey = ({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): string => `${group}/${kind}`

/** The key of what an event is about. */
export function eventKey(event: KubeObject): string {
  const about = (event['involvedObject'] ?? {}) as Record<string, unknown>
  const text = (field: string) => (typeof about[field] === 'string' ? (about[field] as string) : '')
  const { group } = parseApiVersion(text('apiVersion'))
  return refKey({ group, kind: text('kind'), namespace: text('namespace'), name: text('name') })
}
