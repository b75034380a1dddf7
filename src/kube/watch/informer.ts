import { backoffDelay } from '../../base/backoff.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { type Logger, silentLogger } from '../../base/log.ts'
import { toGvk } from '../client/paths.ts'
import { httpStatusOf, isGone, isNotFound, statusError } from '../client/status.ts'
import type { ApiResource, KindRef, KubeClient, Status, WatchEvent } from '../client/types.ts'
import { formatApiVersion } from '../identity.ts'
import type { KubeObject } from '../object.ts'
import { compareVersions, ObjectStore } from './object-store.ts'
import type { CacheEvent, Informer, InformerOptions } from './types.ts'
import { Watchdog } from './watchdog.ts'

/** What an informer needs from outside; the defaults are the real ones. */
export interface InformerDeps {
  readonly clock?: Clock
  readonly logger?: Logger
  /** 0 to 1, for jitter. */
  readonly random?: () => number
}

/**
 * Keeps a collection in memory: list, then watch, for as long as it is not stopped. It starts at once and never gives
 * up; a kind that is not there yet is waited for.
 *
 * @example
 * const pods = createInformer(client, { apiVersion: 'v1', kind: 'Pod' }, { namespace: 'default' })
 * await pods.synced
 * pods.subscribe(event => console.log(event.type, event.object.metadata.name))
 */
export function createInformer(
  client: KubeClient,
  kind: KindRef,
  options: InformerOptions = {},
  deps: InformerDeps = {},
): Informer {
  return new KindInformer(client, kind, options, deps)
}

const retryBackoff = { baseMs: 200, maxMs: 30_000, jitter: 0.5 }
/** A watch that ends sooner than this counts as a failure, so that a server that hangs up is not hammered. */
const shortWatchMs = 1_000
/** The wait for a kind that is not there grows to this at most. */
const kindBackoff = { baseMs: 500, maxMs: 2_000, jitter: 0.2 }
/** 401 and 403 do not heal by themselves: look slowly. */
const refusedBackoff = { baseMs: 5_000, maxMs: 60_000, jitter: 0.5 }

class KindInformer implements Informer {
  readonly synced: Promise<void>
  readonly #client: KubeClient
  readonly #kind: KindRef
  readonly #options: InformerOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #random: () => number
  readonly #store = new ObjectStore()
  readonly #listeners = new Set<(event: CacheEvent) => void>()
  readonly #end = new AbortController()
  readonly #markSynced: () => void
  #resource: ApiResource | undefined
  #version: string | undefined
  #hasSynced = false
  #failures = 0

  constructor(client: KubeClient, kind: KindRef, options: InformerOptions, deps: InformerDeps) {
    this.#client = client
    this.#kind = kind
    this.#options = options
    this.#clock = deps.clock ?? systemClock
    this.#logger = deps.logger ?? silentLogger
    this.#random = deps.random ?? Math.random
    let resolve = () => {}
    this.synced = new Promise((done, fail) => {
      resolve = done
      this.#end.signal.addEventListener('abort', () => fail(new SluiceError('E_ABORTED')), { once: true })
    })
    // Nobody has to wait for it.
    this.synced.catch(() => undefined)
    this.#markSynced = resolve
    void this.#run()
  }

  get resource(): ApiResource {
    if (this.#resource) return this.#resource
    const gvk = toGvk(this.#kind)
    throw new SluiceError('E_KUBE_KIND_UNKNOWN', {
      object: `${formatApiVersion(gvk)} ${gvk.kind}`,
      seen: 'not listed yet',
    })
  }

  get hasSynced(): boolean {
    return this.#hasSynced
  }

  get resourceVersion(): string | undefined {
    return this.#version
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#store.get(namespace, name)
  }

  list(namespace?: string): readonly KubeObject[] {
    return this.#store.list(namespace)
  }

  subscribe(listener: (event: CacheEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    this.#listeners.clear()
    this.#end.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      try {
        await this.#step(signal)
      } catch (error) {
        if (signal.aborted) return
        await this.#recover(error).catch(() => undefined)
      }
    }
  }

  /** One list if one is due, then one watch until it ends. */
  async #step(signal: AbortSignal): Promise<void> {
    if (!this.#resource) {
      const resource = await this.#client.resourceFor(this.#kind, { signal })
      if (!resource) return this.#pause(backoffDelay(++this.#failures, kindBackoff, this.#random))
      this.#resource = resource
    }
    if (this.#version === undefined) await this.#list(this.#resource, signal)
    await this.#watch(this.#resource)
  }

  async #list(resource: ApiResource, signal: AbortSignal): Promise<void> {
    this.#tell('listing')
    const { items, resourceVersion } = await this.#client.list(resource, {
      ...this.#selection(),
      signal,
      timeoutMs: 120_000,
    })
    const { transform } = this.#options
    const events = this.#store.reset(transform ? items.map(transform) : items)
    this.#version = resourceVersion
    const first = !this.#hasSynced
    this.#hasSynced = true
    for (const event of events) this.#publish(event)
    if (first) this.#markSynced()
  }

  async #watch(resource: ApiResource): Promise<void> {
    const startedAt = this.#clock.monotonic()
    const dog = new Watchdog(this.#clock, this.#options.idleTimeoutMs ?? 60_000, this.#end.signal)
    try {
      this.#tell('watching')
      const stream = this.#client.watch(resource, {
        ...this.#selection(),
        ...(this.#version === undefined ? {} : { resourceVersion: this.#version }),
        // Spread, as client-go does it, so that the watches of many clients do not end together.
        timeoutSeconds: Math.round(300 + 300 * this.#random()),
        signal: dog.signal,
      })
      for await (const event of stream) {
        dog.feed()
        this.#take(event, resource)
        this.#failures = 0
      }
    } finally {
      dog.end()
    }
    if (this.#end.signal.aborted) return
    this.#tell('disconnected')
    if (dog.barked || this.#clock.monotonic() - startedAt >= shortWatchMs) return
    await this.#pause(backoffDelay(++this.#failures, retryBackoff, this.#random))
  }

  #take(event: WatchEvent, resource: ApiResource): void {
    if (event.type === 'ERROR') {
      const status = event.object as unknown as Status
      const facts = {
        method: 'WATCH',
        path: resource.plural,
        server: this.#client.server,
        object: `watch of ${resource.kind}`,
      }
      throw statusError(facts, status.code ?? 500, status)
    }
    const version = event.object.metadata?.resourceVersion
    if (event.type !== 'BOOKMARK') {
      const object = this.#options.transform?.(event.object) ?? event.object
      const events = event.type === 'DELETED' ? this.#store.remove(object) : this.#store.put(object)
      for (const change of events) this.#publish(change)
    }
    // Events that come out of order must not take the place to go on from back.
    if (version && compareVersions(version, this.#version) > 0) this.#version = version
  }

  async #recover(error: unknown): Promise<void> {
    this.#failures++
    const http = httpStatusOf(error)
    if (isGone(error)) {
      this.#tell('gone', error)
      this.#version = undefined
      // The first time at once; a server that says so again and again is given time.
      if (this.#failures > 1) await this.#pause(backoffDelay(this.#failures - 1, retryBackoff, this.#random))
      return
    }
    this.#tell('disconnected', error)
    if (isNotFound(error)) {
      // The kind itself is gone (its CRD was deleted) or moved to another version.
      this.#resource = undefined
      this.#version = undefined
      this.#client.invalidateDiscovery()
      return this.#pause(backoffDelay(this.#failures, kindBackoff, this.#random))
    }
    if (http === 401 || http === 403) return this.#pause(backoffDelay(this.#failures, refusedBackoff, this.#random))
    // Whatever else the server has against this version (one from its future, say): only a list helps.
    if (http !== undefined && (http < 500 || http === 504) && http !== 429) this.#version = undefined
    const asked = error instanceof SluiceError ? error.facts.details?.['retryAfterMs'] : undefined
    const wait = backoffDelay(this.#failures, retryBackoff, this.#random)
    await this.#pause(typeof asked === 'number' ? Math.max(asked, wait) : wait)
  }

  #pause(ms: number): Promise<void> {
    return this.#clock.sleep(ms, this.#end.signal).catch(() => undefined)
  }

  #selection(): { namespace?: string; labelSelector?: string; fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.#options
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    }
  }

  #publish(event: CacheEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        // One listener's fault must not stop the others, nor the cache.
        this.#logger.error('a listener of a watch failed', { kind: toGvk(this.#kind).kind, error: String(error) })
      }
    }
  }

  #tell(state: 'listing' | 'watching' | 'disconnected' | 'gone', error?: unknown): void {
    const { onTransition } = this.#options
    if (error !== undefined) {
      const fields = {
        kind: toGvk(this.#kind).kind,
        state,
        error: error instanceof Error ? error.message : String(error),
      }
      this.#logger.debug('a watch was interrupted', fields)
    }
    try {
      onTransition?.(state, error)
    } catch (fault) {
      this.#logger.error('a listener of watch transitions failed', { error: String(fault) })
    }
  }
}
