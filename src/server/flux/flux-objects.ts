import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { gitRepositoryKind, kustomizationKind } from '../../fleet/read-fleet.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import { type CacheEvent, type Informer, WatchCache } from '../../kube/watch/index.ts'

export const helmReleaseKind = { group: 'helm.toolkit.fluxcd.io', version: 'v2', kind: 'HelmRelease' } as const
export const helmRepositoryKind = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'HelmRepository' } as const

/** What changed, and of which kind it is. */
export type FluxEvent = CacheEvent & { readonly kind: string }

/** The objects of Flux in the management cluster, watched once for the whole server. Kinds that are not there yet are waited for. */
export class FluxObjects {
  /** For parts that watch other kinds: one watch of a kind for all. */
  readonly cache: WatchCache
  readonly sources: Informer
  readonly kustomizations: Informer
  readonly releases: Informer
  readonly repositories: Informer
  readonly #listeners = new Set<(event: FluxEvent) => void>()

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.cache = new WatchCache(client, { clock, logger, transform: lean })
    this.sources = this.cache.informer(gitRepositoryKind)
    this.kustomizations = this.cache.informer(kustomizationKind)
    this.releases = this.cache.informer(helmReleaseKind)
    this.repositories = this.cache.informer(helmRepositoryKind)
    for (const informer of [this.sources, this.kustomizations, this.releases, this.repositories]) {
      informer.synced.catch(() => {})
      informer.subscribe(event => {
        for (const listener of this.#listeners) listener({ ...event, kind: event.object.kind })
      })
    }
  }

  /** Whether the first lists are there: before that, nothing can be said of what is missing. */
  get ready(): boolean {
    return this.kustomizations.hasSynced && this.releases.hasSynced && this.sources.hasSynced
  }

  onChange(listener: (event: FluxEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    this.#listeners.clear()
    this.cache.stop()
  }
}

function lean(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata } as KubeObject
}
