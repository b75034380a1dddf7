import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { createInformer, type Informer } from '../kube/watch/index.ts'

const crdKind = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' } as const

/** Told of a kind that is served from now on. */
export type KindListener = (group: string, kind: string) => void

/** Which custom kinds a server serves, by a watch: a kind that appears is known at once, without asking again and again. */
export class ServedKinds {
  readonly #client: KubeClient
  readonly #informer: Informer
  readonly #listeners = new Set<KindListener>()

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#client = client
    this.#informer = createInformer(client, crdKind, { transform: withoutSchemas }, { clock, logger })
    this.#informer.subscribe(event => {
      if (event.type === 'deleted') return this.#client.invalidateDiscovery()
      const before = event.type === 'modified' && isEstablished(event.previous)
      if (isEstablished(event.object) && !before) this.#tell(event.object)
    })
  }

  /** Calls back for each kind that is served from now on; returns the function that ends it. */
  onAppear(listener: KindListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when a kind is served. Rejects with the signal's reason. */
  async waitFor(group: string, kind: string, signal: AbortSignal): Promise<void> {
    await this.#informer.synced
    signal.throwIfAborted()
    if (this.#informer.list().some(crd => isEstablished(crd) && defines(crd, group, kind))) return
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void): void => {
        off()
        signal.removeEventListener('abort', stop)
        settle()
      }
      const stop = () => end(() => reject(signal.reason))
      const off = this.onAppear((appeared, name) => {
        if (appeared === group && name === kind) end(resolve)
      })
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  stop(): void {
    this.#informer.stop()
    this.#listeners.clear()
  }

  #tell(crd: KubeObject): void {
    this.#client.invalidateDiscovery()
    const { group, names } = specOf(crd)
    for (const listener of [...this.#listeners]) listener(group ?? '', names?.kind ?? '')
  }
}

interface CrdSpec {
  readonly group?: string
  readonly names?: { readonly kind?: string }
}

function specOf(crd: KubeObject): CrdSpec {
  return (crd['spec'] ?? {}) as CrdSpec
}

function isEstablished(crd: KubeObject): boolean {
  return conditionOf(crd, 'Established')?.status === 'True'
}

function defines(crd: KubeObject, group: string, kind: string): boolean {
  const spec = specOf(crd)
  return spec.group === group && spec.names?.kind === kind
}

/** CRDs are big, and only their names and conditions are of interest. */
function withoutSchemas(crd: KubeObject): KubeObject {
  const { group, names } = specOf(crd)
  const { managedFields: _managed, ...metadata } = crd.metadata
  return { ...crd, metadata, spec: { group, names } }
}
