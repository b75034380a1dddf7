import type { Clock } from '../base/clock.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { takeDataFolder } from './data-folder.ts'
import type { EngineEvent, EventSink } from './events.ts'
import { messageOf } from './failure.ts'
import { FluxGate } from './leader/flux-gate.ts'
import { guardWrites } from './leader/guarded-client.ts'
import { LeaderPod, type PodPlace } from './leader/leader-pod.ts'
import { Lease, type LeaseOptions } from './leader/lease.ts'
import { objectMetrics } from './metrics/object-metrics.ts'
import { clientMetrics, processMetrics } from './metrics/process-metrics.ts'
import { MetricsRegistry } from './metrics/registry.ts'
import { bothMetrics, type EngineMetrics } from './metrics.ts'
import type { NotifyOptions } from './notify/notifier.ts'
import { Reign } from './reign.ts'
import { type ListenAddresses, type Servers, serve } from './serve.ts'
import { artifactsOf, differingPeer } from './shard/peers.ts'
import { type Shard, shardOf } from './shard/shard.ts'
import type { Push } from './source/push.ts'
import type { StorageSettings } from './source/storage/open.ts'
import { checkAddress } from './source/storage/server.ts'
import type { TenancyOptions } from './tenancy/tenancy.ts'

export interface EngineOptions {
  /** Client of the cluster to look after. The engine does not close it. */
  readonly client: KubeClient
  /** Folder of the engine's own, for mirrors of repositories. One engine uses it at a time; losing it costs a fetch. */
  readonly dataDir: string
  readonly clock: Clock
  /** Drops everything when absent. */
  readonly logger?: Logger
  /** Closes the engine when it is aborted. */
  readonly signal?: AbortSignal
  /** Kustomizations worked on at once; 16 when absent. Those that wait for health do not count. */
  readonly concurrency?: number
  /** Who acts as whom and may refer to what; the safe choice when absent. */
  readonly tenancy?: TenancyOptions
  /** Told of everything that is counted, beside `/metrics`. */
  readonly metrics?: EngineMetrics
  /** What to serve over HTTP, and where; nothing when absent. */
  readonly listen?: ListenAddresses
  /** How notifications are sent. */
  readonly notify?: NotifyOptions
  /**
   * Only objects with these labels are worked on, as with Flux's --watch-label-selector; engines with other selectors, each
   * with a Lease of its own, do the rest. All objects when absent.
   */
  readonly watchLabelSelector?: string
  /** Told of each event, in order; it must not throw. */
  readonly onEvent?: EventSink
  /** Whether events are also written to the cluster as Kubernetes Events; true when absent. */
  readonly kubeEvents?: boolean
  /** Leader election; see {@link LeaseOptions}. Defaults: `kube-system/sluice-engine`, 15 s, asked for every 2 s. */
  readonly lease?: Partial<LeaseOptions>
  /** Whether this engine stands back while real Flux is installed; true when absent. False: it stands in for Flux. */
  readonly yieldToFlux?: boolean
  /** The Pod that this engine runs in: it is labelled while the engine acts. None when absent. */
  readonly pod?: PodPlace
  /** Serves artifacts over HTTP, for Flux's own controllers in the cluster; nothing is served when absent. */
  readonly storage?: StorageSettings
  /** Feature gates of Flux by name, e.g. `ExternalArtifact`; all off when absent. */
  readonly featureGates?: Readonly<Record<string, boolean>>
  /** 0 to 1, for jitter; Math.random when absent. */
  readonly random?: () => number
}

/** A running engine. */
export interface Engine {
  /** Whether this engine acts; another one does when it is false. */
  readonly leading: boolean
  /** Resolves when this engine acts for the first time and knows what is in the cluster. Rejects when it is closed before. */
  readonly ready: Promise<void>
  /** Where each service that was asked for listens: `http://host:port`. */
  readonly urls: Servers['urls']
  /** Says that something was pushed: sources that follow it are fetched at once. Safe to call with anything, at any time. */
  notifyPush(push: Push): void
  /** Ends waits, lets steps under way finish (5 s at most), gives the lease back. Safe to call twice. */
  close(): Promise<void>
}

/** A start waits so long for leadership; then the engine goes on trying beside its caller. */
const startWaitMs = 2000

/**
 * Starts the controllers for Flux's sources, Kustomization, HelmRelease, Alert, Provider and Receiver on a cluster. They act while this process holds the
 * lease; kinds that are not installed yet are waited for. Fails with E_ENGINE_DATA_BUSY, E_ENGINE_ADDRESS,
 * E_ENGINE_SELECTOR, E_ENGINE_STORAGE_ADDRESS or E_FILE_WRITE; trouble with the cluster is no failure of the start: it is
 * logged, and ends when the trouble does.
 *
 * @example
 * const engine = await startEngine({ client, dataDir: '.sluice/engine', clock: systemClock, onEvent: console.log })
 * engine.notifyPush({ url: 'https://github.com/acme/fleet.git', ref: 'refs/heads/main' })
 * await engine.close()
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  options.signal?.throwIfAborted()
  const shard = shardOf(options.watchLabelSelector)
  if (options.storage !== undefined) await checkAddress(options.storage.address)
  const folder = await takeDataFolder(options.dataDir)
  const running = new RunningEngine(options, folder, shard)
  try {
    await running.serve()
  } catch (error) {
    await running.close()
    throw error
  }
  await running.settled(startWaitMs)
  return running
}

class RunningEngine implements Engine {
  readonly ready: Promise<void>
  readonly #options: EngineOptions
  readonly #folder: Awaited<ReturnType<typeof takeDataFolder>>
  readonly #logger: Logger
  readonly #lease: Lease
  readonly #gate: FluxGate | undefined
  readonly #shard: Shard
  readonly #registry = new MetricsRegistry()
  readonly #stop = new AbortController()
  readonly #ran: Promise<void>
  #reign: Reign | undefined
  #markReady: () => void = () => {}
  #markFailed: (error: unknown) => void = () => {}
  #closed: Promise<void> | undefined
  #servers: Servers | undefined
  #started = false

  constructor(options: EngineOptions, folder: Awaited<ReturnType<typeof takeDataFolder>>, shard: Shard) {
    this.#options = options
    this.#folder = folder
    this.#shard = shard
    this.#logger = options.logger ?? silentLogger
    this.#gate = options.yieldToFlux === false ? undefined : new FluxGate(options.client, options.clock, this.#logger)
    this.#lease = new Lease(options.client, options.clock, this.#logger, {
      namespace: 'kube-system',
      name: shard.leaseName,
      identity: folder.identity,
      durationMs: 15_000,
      retryMs: 2000,
      annotations: artifactsOf(options.storage !== undefined),
      ...options.lease,
    })
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve
      this.#markFailed = reject
    })
    // Nobody has to wait for it.
    this.ready.catch(() => undefined)
    this.#registry.collect(processMetrics)
    this.#registry.collect(clientMetrics(options.client))
    this.#registry.collect(objectMetrics(() => this.#reign?.objects() ?? []))
    options.signal?.addEventListener('abort', () => void this.close(), { once: true })
    this.#ran = this.#run()
  }

  get leading(): boolean {
    return this.#reign !== undefined && this.#lease.held
  }

  get urls(): Servers['urls'] {
    return this.#servers?.urls ?? {}
  }

  /** Opens the servers that were asked for. */
  async serve(): Promise<void> {
    this.#servers = await serve(this.#options.listen ?? {}, {
      clock: this.#options.clock,
      registry: this.#registry,
      unready: () => (this.#stop.signal.aborted ? 'closing' : this.leading && !this.#started ? 'starting' : undefined),
      webhook: async (request, response) => this.leading && (await this.#reign?.webhook(request, response)) === true,
      event: async event => (this.leading ? this.#reign?.event(event) : undefined),
    })
  }

  notifyPush(push: Push): void {
    this.#reign?.notifyPush(push)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** Resolves when the engine is ready, or after a while. */
  async settled(ms: number): Promise<void> {
    const timer = new AbortController()
    const timeUp = this.#options.clock.sleep(ms, timer.signal).catch(() => undefined)
    await Promise.race([this.ready.catch(() => undefined), timeUp])
    timer.abort()
  }

  async #close(): Promise<void> {
    this.#stop.abort(new DOMException('the engine was closed', 'AbortError'))
    await this.#servers?.close()
    await this.#ran
    this.#gate?.stop()
    this.#markFailed(this.#stop.signal.reason)
    this.#folder.release()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      let yielded: AbortSignal | undefined
      try {
        yielded = await this.#gate?.opened(signal, why => this.#tellYielded(why))
        const may = yielded ? AbortSignal.any([signal, yielded]) : signal
        await this.#lease.acquire(may)
        await this.#gate?.confirm(may)
        await this.#lead(may)
      } catch (error) {
        if (!signal.aborted && yielded?.aborted !== true)
          this.#logger.error('the engine stopped acting', { error: messageOf(error) })
        await this.#lease.release()
        if (!signal.aborted) await this.#options.clock.sleep(200, signal).catch(() => undefined)
      }
    }
  }

  /** Acts until the lease is lost, the engine is closed or real Flux comes. */
  async #lead(signal: AbortSignal): Promise<void> {
    const options = this.#options
    const kept = this.#lease.keep(signal)
    const guard = (client: KubeClient): KubeClient => guardWrites(client, () => this.#mayWrite())
    const reign = new Reign({
      client: guard(options.client),
      guard,
      tenancy: options.tenancy ?? {},
      clock: options.clock,
      logger: this.#logger,
      metrics: options.metrics === undefined ? this.#registry : bothMetrics(this.#registry, options.metrics),
      dataDir: options.dataDir,
      concurrency: options.concurrency ?? 16,
      kubeEvents: options.kubeEvents ?? true,
      random: options.random ?? Math.random,
      storage: options.storage,
      featureGates: options.featureGates,
      onEvent: event => this.#tell(event),
      shard: this.#shard,
      notify: options.notify ?? {},
      identity: this.#folder.identity,
    })
    this.#reign = reign
    const shown = new AbortController()
    const pod = options.pod && new LeaderPod(guard(options.client), options.clock, this.#logger, options.pod)
    const showing = pod?.take(AbortSignal.any([signal, shown.signal]))
    this.#showLeading(1)
    this.#tellLease('info', 'LeaderElected', `this engine acts now: ${this.#folder.identity}`)
    void this.#comparePeers(signal)
    const markReady = () => {
      this.#started = true
      this.#markReady()
    }
    reign.started.then(markReady, error => this.#logger.warn('start', { error: messageOf(error) }))
    try {
      await kept
    } finally {
      this.#reign = undefined
      this.#started = false
      this.#showLeading(0)
      shown.abort()
      await showing
      await reign.close()
      if (signal.aborted) await pod?.giveUp()
      if (signal.aborted) await this.#lease.release()
      else this.#tellLease('error', 'LeaderLost', 'another engine acts now, or the lease cannot be renewed')
    }
  }

  #mayWrite(): void {
    this.#lease.check()
    this.#gate?.check()
  }

  #tellYielded(why: string): void {
    this.#logger.info('this engine stands back', { why })
    this.#tellLease('info', 'EngineYielded', why)
  }

  /** Says when another shard's engine is started in a way that ours does not go with. */
  async #comparePeers(signal: AbortSignal): Promise<void> {
    const { client, clock, storage } = this.#options
    try {
      const problem = await differingPeer(client, clock, this.#lease.object, storage !== undefined, signal)
      if (problem === undefined) return
      this.#logger.error('shards differ', { error: problem })
      this.#tellLease('error', 'ShardsDiffer', problem)
    } catch (error) {
      if (!signal.aborted) this.#logger.debug('other engines not compared', { error: messageOf(error) })
    }
  }

  #showLeading(leads: 0 | 1): void {
    this.#registry.set('leader_election_master_status', { name: this.#lease.object.name }, leads)
  }

  #tellLease(severity: 'info' | 'error', reason: string, message: string): void {
    const { namespace, name } = this.#lease.object
    this.#tell({
      time: this.#options.clock.now(),
      severity,
      about: { kind: 'Lease', namespace, name },
      reason,
      message,
    })
  }

  #tell(event: EngineEvent): void {
    try {
      this.#options.onEvent?.(event)
    } catch (error) {
      this.#logger.error('a listener for events failed', { error: messageOf(error) })
    }
  }
}
