import type { Clock } from '../base/clock.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { takeDataFolder } from './data-folder.ts'
import type { EngineEvent, EventSink } from './events.ts'
import { messageOf } from './failure.ts'
import { guardWrites } from './leader/guarded-client.ts'
import { Lease, type LeaseOptions } from './leader/lease.ts'
import { type EngineMetrics, noMetrics } from './metrics.ts'
import { Reign } from './reign.ts'
import type { Push } from './source/push.ts'
import type { StorageSettings } from './source/storage/open.ts'
import { checkAddress } from './source/storage/server.ts'

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
  /** Counts nothing when absent. */
  readonly metrics?: EngineMetrics
  /** Told of each event, in order; it must not throw. */
  readonly onEvent?: EventSink
  /** Whether events are also written to the cluster as Kubernetes Events; true when absent. */
  readonly kubeEvents?: boolean
  /** Leader election; see {@link LeaseOptions}. Defaults: `kube-system/sluice-engine`, 15 s, asked for every 2 s. */
  readonly lease?: Partial<LeaseOptions>
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
  /** Says that something was pushed: sources that follow it are fetched at once. Safe to call with anything, at any time. */
  notifyPush(push: Push): void
  /** Ends waits, lets steps under way finish (5 s at most), gives the lease back. Safe to call twice. */
  close(): Promise<void>
}

/** A start waits so long for leadership; then the engine goes on trying beside its caller. */
const startWaitMs = 2000

/**
 * Starts the controllers for GitRepository and Kustomization (Flux v1) on a cluster. They act while this process holds the
 * lease; kinds that are not installed yet are waited for. Fails with E_ENGINE_DATA_BUSY, E_FILE_WRITE or
 * E_ENGINE_STORAGE_ADDRESS; trouble with the
 * cluster is no failure of the start: it is logged, and ends when the trouble does.
 *
 * @example
 * const engine = await startEngine({ client, dataDir: '.sluice/engine', clock: systemClock, onEvent: console.log })
 * engine.notifyPush({ url: 'https://github.com/acme/fleet.git', ref: 'refs/heads/main' })
 * await engine.close()
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  options.signal?.throwIfAborted()
  if (options.storage !== undefined) await checkAddress(options.storage.address)
  const folder = await takeDataFolder(options.dataDir)
  const running = new RunningEngine(options, folder)
  await running.settled(startWaitMs)
  return running
}

class RunningEngine implements Engine {
  readonly ready: Promise<void>
  readonly #options: EngineOptions
  readonly #folder: Awaited<ReturnType<typeof takeDataFolder>>
  readonly #logger: Logger
  readonly #lease: Lease
  readonly #stop = new AbortController()
  readonly #ran: Promise<void>
  #reign: Reign | undefined
  #markReady: () => void = () => {}
  #markFailed: (error: unknown) => void = () => {}
  #closed: Promise<void> | undefined

  constructor(options: EngineOptions, folder: Awaited<ReturnType<typeof takeDataFolder>>) {
    this.#options = options
    this.#folder = folder
    this.#logger = options.logger ?? silentLogger
    this.#lease = new Lease(options.client, options.clock, this.#logger, {
      namespace: 'kube-system',
      name: 'sluice-engine',
      identity: folder.identity,
      durationMs: 15_000,
      retryMs: 2000,
      ...options.lease,
    })
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve
      this.#markFailed = reject
    })
    // Nobody has to wait for it.
    this.ready.catch(() => undefined)
    options.signal?.addEventListener('abort', () => void this.close(), { once: true })
    this.#ran = this.#run()
  }

  get leading(): boolean {
    return this.#reign !== undefined && this.#lease.held
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
    await this.#ran
    this.#markFailed(this.#stop.signal.reason)
    this.#folder.release()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#lease.acquire(signal)
        await this.#lead(signal)
      } catch (error) {
        if (!signal.aborted) this.#logger.error('the engine stopped acting', { error: messageOf(error) })
      }
    }
  }

  /** Acts until the lease is lost or the engine is closed. */
  async #lead(signal: AbortSignal): Promise<void> {
    const options = this.#options
    const kept = this.#lease.keep(signal)
    const reign = new Reign({
      client: guardWrites(options.client, () => this.#lease.check()),
      clock: options.clock,
      logger: this.#logger,
      metrics: options.metrics ?? noMetrics,
      dataDir: options.dataDir,
      concurrency: options.concurrency ?? 16,
      kubeEvents: options.kubeEvents ?? true,
      random: options.random ?? Math.random,
      storage: options.storage,
      featureGates: options.featureGates,
      onEvent: event => this.#tell(event),
    })
    this.#reign = reign
    this.#tellLease('info', 'LeaderElected', `this engine acts now: ${this.#folder.identity}`)
    reign.started.then(this.#markReady, error => this.#logger.warn('start', { error: messageOf(error) }))
    try {
      await kept
    } finally {
      this.#reign = undefined
      await reign.close()
      if (signal.aborted) await this.#lease.release()
      else this.#tellLease('error', 'LeaderLost', 'another engine acts now, or the lease cannot be renewed')
    }
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
