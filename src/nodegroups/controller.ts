import { backoffDelay } from '../base/backoff.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { parseDuration } from '../base/duration.ts'
import { asSluiceError } from '../base/errors/index.ts'
import { jsonEqual, valueAt } from '../base/json.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import { Semaphore } from '../base/semaphore.ts'
import { guardWrites } from '../engine/leader/guarded-client.ts'
import { Lease, type LeaseOptions } from '../engine/leader/lease.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { createInformer, type Informer, KeyedLoop } from '../kube/watch/index.ts'
import { type EksctlCluster, eksctlClusterKind, gitRepositoryKind } from '../specs/index.ts'
import type { GroupEffect } from './act.ts'
import type { AwsAccess } from './aws/clients.ts'
import type { GroupEvent } from './events.ts'
import { ConfigReader } from './read-config.ts'
import { RegionClients, reconcileCluster } from './reconcile-cluster.ts'

export interface NodeGroupsOptions {
  /** Client of the cluster with the EksctlCluster objects. It is not closed. */
  readonly client: KubeClient
  /** Folder for mirrors. One process uses it at a time. */
  readonly dataDir: string
  readonly aws?: Omit<AwsAccess, 'region'>
  readonly clock?: Clock
  readonly logger?: Logger
  readonly effect?: GroupEffect
  /** Told of each event, in order. */
  readonly onEvent?: (object: EksctlCluster, event: GroupEvent) => void
  /** The first pause between looks while something runs in AWS, in milliseconds; it grows to 30 s. 5000 when absent. */
  readonly pollMs?: number
  /** Leader election. Defaults: `kube-system/sluice-nodegroups`, 15 s, asked for every 2 s. */
  readonly lease?: Partial<LeaseOptions>
}

/** A running reconciler of node groups. */
export interface NodeGroups {
  readonly leading: boolean
  close(): Promise<void>
}

/** Clusters worked on at once. */
const width = 4
const longestPollMs = 30_000
const longestRetryMs = 300_000

/**
 * Makes node groups of EksctlClusters follow their files in Git until closed. A look is started by a new revision of the
 * source, a change of the object, `reconcile.fluxcd.io/requestedAt`, the interval, and while something runs in AWS by a pause
 * that grows. Of several processes one acts.
 */
export function startNodeGroups(options: NodeGroupsOptions): NodeGroups {
  return new Controller(options)
}

class Controller implements NodeGroups {
  readonly #options: NodeGroupsOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #lease: Lease
  readonly #stop = new AbortController()
  readonly #ran: Promise<void>

  constructor(options: NodeGroupsOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? silentLogger
    this.#lease = new Lease(options.client, this.#clock, this.#logger, {
      namespace: 'kube-system',
      name: 'sluice-nodegroups',
      identity: `sluice-${process.pid}-${Math.random().toString(36).slice(2, 10)}`,
      durationMs: 15_000,
      retryMs: 2000,
      ...options.lease,
    })
    this.#ran = this.#run()
  }

  get leading(): boolean {
    return this.#lease.held
  }

  async close(): Promise<void> {
    this.#stop.abort(new DOMException('the reconciler was closed', 'AbortError'))
    await this.#ran
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#lease.acquire(signal)
        await this.#lead(signal)
      } catch (error) {
        if (!signal.aborted) this.#logger.error('node groups: stopped acting', { error: asSluiceError(error).message })
      }
    }
    await this.#lease.release().catch(() => undefined)
  }

  /** Works until the lease is lost or the signal is aborted. */
  async #lead(closed: AbortSignal): Promise<void> {
    const lost = new AbortController()
    const signal = AbortSignal.any([closed, lost.signal])
    const client = guardWrites(this.#options.client, () => this.#lease.check())
    const work = new Work(this.#options, client, signal)
    try {
      await this.#lease.keep(closed)
    } finally {
      lost.abort(new DOMException('the lease was lost', 'AbortError'))
      await work.close()
    }
  }
}

/** The work of one reign. */
class Work {
  readonly #options: NodeGroupsOptions
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #objects: Informer
  readonly #sources: Informer
  readonly #loop: KeyedLoop
  readonly #slots = new Semaphore(width)
  readonly #reader: ConfigReader
  readonly #regions: RegionClients
  /** Looks in a row that found something running, or that failed, by object. */
  readonly #rows = new Map<string, { polls: number; failures: number; polling: boolean }>()

  constructor(options: NodeGroupsOptions, client: KubeClient, signal: AbortSignal) {
    this.#options = options
    this.#client = client
    this.#clock = options.clock ?? systemClock
    this.#signal = signal
    const logger = options.logger ?? silentLogger
    this.#reader = new ConfigReader(client, options.dataDir)
    this.#regions = new RegionClients(options.aws ?? {})
    this.#loop = new KeyedLoop(
      key => this.#slots.run(() => this.#look(key), signal),
      (key, error) => {
        if (!signal.aborted) logger.warn('node groups: not looked at', { key, error: asSluiceError(error).message })
      },
      { clock: this.#clock },
    )
    const deps = { clock: this.#clock, logger }
    this.#objects = createInformer(client, eksctlClusterKind, {}, deps)
    this.#sources = createInformer(client, gitRepositoryKind, {}, deps)
    for (const informer of [this.#objects, this.#sources]) informer.synced.catch(() => undefined)
    this.#objects.subscribe(event => {
      // Our own status writes are no reason to look again.
      if (event.type === 'modified' && sameWish(event.object, event.previous)) return
      if (event.type !== 'deleted') this.#ask(event.object as EksctlCluster)
    })
    this.#sources.subscribe(event => {
      if (event.type === 'deleted') return
      const before = event.type === 'modified' ? revisionOf(event.previous) : undefined
      if (revisionOf(event.object) === before) return
      const { namespace, name } = event.object.metadata
      for (const object of this.#objects.list(namespace) as readonly EksctlCluster[]) {
        if (object.spec.sourceRef.name === name) this.#ask(object)
      }
    })
  }

  async close(): Promise<void> {
    this.#objects.stop()
    this.#sources.stop()
    await this.#loop.stop()
    await this.#reader.close()
    await this.#regions.close()
  }

  #ask(object: EksctlCluster): void {
    const key = `${object.metadata.namespace}/${object.metadata.name}`
    const row = this.#rows.get(key)
    if (row) row.polling = false
    this.#loop.ask(key)
  }

  async #look(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/')
    const object = this.#objects.get(namespace, name) as EksctlCluster | undefined
    if (object === undefined || object.spec.suspend === true) return void this.#rows.delete(key)
    const row = this.#rows.get(key) ?? { polls: 0, failures: 0, polling: false }
    this.#rows.set(key, row)
    const { pending, error } = await reconcileCluster({
      client: this.#client,
      object,
      reader: this.#reader,
      regions: this.#regions,
      clock: this.#clock,
      signal: this.#signal,
      retryFailed: !row.polling,
      ...(this.#options.effect ? { effect: this.#options.effect } : {}),
      onEvent: event => this.#options.onEvent?.(object, event),
    })
    const { pollMs = 5000 } = this.#options
    row.failures = error === undefined ? 0 : row.failures + 1
    row.polls = pending && error === undefined ? row.polls + 1 : 0
    row.polling = pending || error !== undefined
    const interval = parseDuration(object.spec.interval ?? '5m0s') ?? 300_000
    const wait =
      error !== undefined
        ? backoffDelay(row.failures, { baseMs: pollMs, maxMs: longestRetryMs })
        : pending
          ? backoffDelay(row.polls, { baseMs: pollMs, maxMs: longestPollMs, factor: 1.5 })
          : interval
    this.#loop.askLater(key, wait)
  }
}

function revisionOf(object: unknown): unknown {
  return valueAt(object, ['status', 'artifact', 'revision'])
}

function sameWish(a: object, b: object): boolean {
  const wish = (object: object) => [
    valueAt(object, ['metadata', 'generation']),
    valueAt(object, ['metadata', 'annotations', 'reconcile.fluxcd.io/requestedAt']),
  ]
  return jsonEqual(wish(a), wish(b))
}
