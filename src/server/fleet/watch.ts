import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { eksctlRows } from '../../fleet/eksctl-view.ts'
import { clusterKind, gitRepositoryKind, kustomizationKind, nodeKind } from '../../fleet/read-fleet.ts'
import type { ClusterRow } from '../../fleet/types.ts'
import { fleetView } from '../../fleet/view.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Informer } from '../../kube/watch/index.ts'
import { redact } from '../../secrets/secret.ts'
import { type EksctlCluster, eksctlClusterKind } from '../../specs/index.ts'
import type { ClusterCache } from '../cluster-cache.ts'
import type { LiveHub } from '../live/hub.ts'
import { fleetScope } from './scope.ts'

export interface FleetWatcherParts {
  /** The management cluster; absent when the server has none. */
  readonly cluster: ClusterCache | undefined
  readonly clock: Clock
  readonly live: LiveHub
  readonly signal: AbortSignal
  /** Told of each revision that the cluster's source has come to. */
  readonly onRevision: (commit: string) => void
}

/** Many changes at once are told once. */
const settleMs = 80

/**
 * The fleet as the management cluster has it, kept by watches from the first time that somebody asks: no request lists
 * anything. A kind that the cluster does not have yet counts as empty.
 */
export class FleetWatcher {
  readonly #parts: FleetWatcherParts
  #informers: Readonly<Record<'clusters' | 'nodes' | 'kustomizations' | 'sources' | 'eksctl', Informer>> | undefined
  #rows: readonly ClusterRow[] | undefined
  readonly #told = new Map<string, string>()
  #trouble: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: FleetWatcherParts) {
    this.#parts = parts
  }

  /** Whether there is a management cluster. */
  get exists(): boolean {
    return this.#parts.cluster !== undefined
  }

  /** Why the watches bring nothing, in the cluster's words; undefined while they do. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** The fleet now; undefined until the cluster has answered once. */
  rows(): readonly ClusterRow[] | undefined {
    const informers = this.#start()
    // Nodes are a kind of every cluster; the others may be missing.
    if (!informers?.nodes.hasSynced) return undefined
    this.#rows ??= this.#compute()
    return this.#rows
  }

  /** Waits for the first answer, at most so long. */
  async ready(ms: number): Promise<void> {
    const informers = this.#start()
    if (informers === undefined) return
    const { clock, signal } = this.#parts
    const stop = new AbortController()
    const { nodes, kustomizations, clusters } = informers
    const rest = Promise.race([Promise.all([kustomizations.synced, clusters.synced]), clock.sleep(300, stop.signal)])
    const first = Promise.all([nodes.synced, rest])
    const late = clock.sleep(ms, AbortSignal.any([signal, stop.signal]))
    await Promise.race([first, late]).catch(() => {})
    stop.abort()
    late.catch(() => {})
    first.catch(() => {})
  }

  /** The object of a cluster, of whichever kind. */
  object(namespace: string, name: string): KubeObject | undefined {
    const { clusters, eksctl } = this.#start() ?? {}
    return clusters?.get(namespace, name) ?? eksctl?.get(namespace, name)
  }

  nodes(): readonly KubeObject[] {
    return this.#start()?.nodes.list() ?? []
  }

  eksctl(): readonly EksctlCluster[] {
    return (this.#start()?.eksctl.list() ?? []) as readonly EksctlCluster[]
  }

  #start() {
    const { cluster: cache, signal } = this.#parts
    if (this.#informers !== undefined || cache === undefined || signal.aborted) return this.#informers
    cache.onTransition((kind, state, error) => this.#transition(kind.kind, state, error))
    const informers = {
      clusters: cache.informer(clusterKind),
      nodes: cache.informer(nodeKind),
      kustomizations: cache.informer(kustomizationKind),
      sources: cache.informer(gitRepositoryKind),
      eksctl: cache.informer(eksctlClusterKind),
    }
    for (const informer of Object.values(informers)) {
      informer.synced.then(
        () => this.#changed(),
        () => {},
      )
      informer.subscribe(() => this.#changed())
    }
    informers.sources.subscribe(({ object }) => {
      const revision = valueAt(object, ['status', 'artifact', 'revision'])
      const commit = typeof revision === 'string' ? /[0-9a-f]{40}$/.exec(revision)?.[0] : undefined
      if (commit !== undefined) this.#parts.onRevision(commit)
    })
    this.#informers = informers
    return informers
  }

  #transition(kind: string, state: string, error: unknown): void {
    const before = this.#trouble
    if (state === 'watching') this.#trouble = undefined
    // A kind that is not there is not the cluster's trouble, and a watch that ends by itself has no error.
    else if (state === 'disconnected' && error instanceof SluiceError && error.code !== 'E_KUBE_KIND_UNKNOWN')
      this.#trouble = redact(`${kind}: ${error.message}`)
    if (before !== this.#trouble) this.#parts.live.publish({ topic: 'fleet' })
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (!this.#parts.signal.aborted) this.#tell()
    }, settleMs)
    this.#timer.unref()
  }

  /** Tells of the clusters whose rows are others than before, each to those who may see it. */
  #tell(): void {
    this.#rows = undefined
    const { live } = this.#parts
    const gone = new Set(this.#told.keys())
    for (const row of this.rows() ?? []) {
      const key = `${row.namespace}/${row.name}`
      gone.delete(key)
      const text = JSON.stringify(row)
      if (this.#told.get(key) === text) continue
      this.#told.set(key, text)
      live.publish({ topic: `fleet/${key}`, scope: fleetScope(row.name) })
    }
    for (const key of gone) {
      this.#told.delete(key)
      live.publish({ topic: `fleet/${key}`, scope: fleetScope(key.slice(key.indexOf('/') + 1)) })
    }
  }

  #compute(): readonly ClusterRow[] {
    const { clusters, nodes, kustomizations, eksctl } = this.#informers!
    const all = nodes.list()
    return [
      ...fleetView({ clusters: clusters.list(), nodes: all, kustomizations: kustomizations.list() }),
      ...eksctlRows(eksctl.list(), all),
    ]
  }
}
