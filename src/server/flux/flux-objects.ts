import { gitRepositoryKind, kustomizationKind } from '../../fleet/read-fleet.ts'
import type { CacheEvent, Informer } from '../../kube/watch/index.ts'
import type { ClusterCache } from '../cluster-cache.ts'

export const helmReleaseKind = { group: 'helm.toolkit.fluxcd.io', version: 'v2', kind: 'HelmRelease' } as const
export const helmRepositoryKind = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'HelmRepository' } as const

/** What changed, and of which kind it is. */
export type FluxEvent = CacheEvent & { readonly kind: string }

/** The objects of Flux in the management cluster that applications and charts are made of. Kinds that are not there yet are waited for. */
export class FluxObjects {
  readonly sources: Informer
  readonly kustomizations: Informer
  readonly releases: Informer
  readonly repositories: Informer
  readonly #listeners = new Set<(event: FluxEvent) => void>()
  #version = 0

  constructor(cache: ClusterCache) {
    this.sources = cache.informer(gitRepositoryKind)
    this.kustomizations = cache.informer(kustomizationKind)
    this.releases = cache.informer(helmReleaseKind)
    this.repositories = cache.informer(helmRepositoryKind)
    for (const informer of [this.sources, this.kustomizations, this.releases, this.repositories]) {
      informer.synced.catch(() => {})
      informer.subscribe(event => {
        this.#version++
        for (const listener of this.#listeners) listener({ ...event, kind: event.object.kind })
      })
    }
  }

  /** Whether the first lists are there: before that, nothing can be said of what is missing. */
  get ready(): boolean {
    return this.kustomizations.hasSynced && this.releases.hasSynced && this.sources.hasSynced
  }

  /** Another one whenever something was seen to change. */
  get version(): number {
    return this.#version
  }

  onChange(listener: (event: FluxEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    this.#listeners.clear()
    for (const informer of [this.sources, this.kustomizations, this.releases, this.repositories]) informer.stop()
  }
}
