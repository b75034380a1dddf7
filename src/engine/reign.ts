import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { createInformer, type Informer } from '../kube/watch/index.ts'
import type { HelmRelease } from '../specs/flux/helm-release.ts'
import type { EngineContext } from './context.ts'
import { alertKind, kustomizationKind, providerKind, receiverKind, sourceGroup } from './contract.ts'
import { KubeEvents } from './events/kube-events.ts'
import type { EngineEvent, EventSink } from './events.ts'
import { messageOf } from './failure.ts'
import { helmReleaseKind } from './helmrelease/contract.ts'
import { HelmReleaseController } from './helmrelease/controller.ts'
import { ServedKinds } from './kinds.ts'
import { KustomizationController } from './kustomization/controller.ts'
import { ProofFile } from './kustomization/proof-file.ts'
import { LiveObjects } from './live/live-objects.ts'
import { ObjectWatches } from './live/object-watches.ts'
import { settledWithin } from './live/within.ts'
import type { EngineMetrics } from './metrics.ts'
import { type FluxEvent, fluxEventOf } from './notify/event.ts'
import { type Handled, Notifier, type NotifyOptions } from './notify/notifier.ts'
import { ReceiverController } from './receiver/controller.ts'
import { Webhooks } from './receiver/webhooks.ts'
import { RemoteClusters } from './remote/remote-clusters.ts'
import type { Shard } from './shard/shard.ts'
import { withSoundStatus } from './sound/problem.ts'
import { SoundObjects } from './sound/sound-objects.ts'
import { tellProblem } from './sound/tell.ts'
import { sourceHandlers } from './source/handlers.ts'
import type { Push } from './source/push.ts'
import { Snapshots } from './source/snapshots.ts'
import { SourceSet } from './source/source-set.ts'
import type { SourceObject } from './source/sources.ts'
import { openStorage, type StorageSettings } from './source/storage/open.ts'
import { Tenancy, type TenancyOptions } from './tenancy/tenancy.ts'

export interface ReignOptions {
  readonly client: KubeClient
  /** Makes the writes of another client ask whether this engine leads. */
  readonly guard: (client: KubeClient) => KubeClient
  readonly tenancy: TenancyOptions
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: EngineMetrics
  /** Folder of the engine's own. */
  readonly dataDir: string
  readonly concurrency: number
  readonly kubeEvents: boolean
  readonly random: () => number
  /** Whether and where artifacts are served; nowhere when absent. */
  readonly storage?: StorageSettings | undefined
  /** Feature gates of Flux that are on. */
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined
  readonly onEvent: EventSink
  readonly shard: Shard
  readonly notify: NotifyOptions
  /** Who we are, in events. */
  readonly identity: string
}

/** Sources fetched at once: each is a git process. */
const fetches = 8

/** How long HelmReleases wait for the first list of all kinds of sources. */
const sourcesWithinMs = 3000

/** One time of leadership: watches, controllers and caches live as long as it does. */
export class Reign {
  /** Resolves when the controllers know what is in the cluster. */
  readonly started: Promise<void>
  readonly #options: ReignOptions
  readonly #context: EngineContext
  readonly #events: KubeEvents
  readonly #kinds: ServedKinds
  readonly #proofs: ProofFile
  readonly #stop = new AbortController()
  readonly #informers: Informer[] = []
  #sources: SourceSet | undefined
  #endStorage: (() => Promise<void>) | undefined
  #kustomizations: KustomizationController | undefined
  #receivers: ReceiverController | undefined
  #webhooks: Webhooks | undefined
  readonly #notifier: Notifier
  #helmReleases: HelmReleaseController | undefined
  #released: Informer | undefined

  constructor(options: ReignOptions) {
    const { client, clock, logger, metrics, random } = options
    this.#options = options
    this.#events = new KubeEvents(client, clock, logger, () => this.#kustomizations?.busyness ?? 'idle')
    this.#context = {
      client,
      guard: options.guard,
      clock,
      logger,
      metrics,
      random,
      live: new LiveObjects(client, clock, logger),
      watches: new ObjectWatches(client, clock),
      snapshots: new Snapshots(join(options.dataDir, 'sources')),
      remotes: new RemoteClusters(clock, logger, options.guard),
      tenancy: new Tenancy(options.tenancy),
      readSecret: (namespace, name) => client.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }),
      owns: object => options.shard.owns(object),
      emit: (event, about) => this.#emit(event, about),
    }
    const { readSecret } = this.#context
    const warn = (about: KubeObject, reason: string, message: string) => this.#warn(about, reason, message)
    this.#notifier = new Notifier({ client, clock, logger, metrics, readSecret, warn }, options.notify)
    this.#proofs = new ProofFile(options.dataDir, clock, logger)
    this.#kinds = new ServedKinds(client, clock, logger)
    this.#kinds.onAppear((group, kind) => this.#kustomizations?.onKind(group, kind))
    this.started = this.#start()
    this.started.catch(() => undefined)
    void this.#startNotifications().catch(error => this.#stopped('notifications', error))
    void this.#startReceivers().catch(error => this.#stopped('receivers', error))
  }

  /** Answers a call of a webhook; false while the Receivers are not known yet. */
  async webhook(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (this.#webhooks === undefined) return false
    await this.#webhooks.handle(request, response)
    return true
  }

  /** Takes an event that somebody else tells of. */
  event(event: FluxEvent): Promise<Handled> {
    return this.#notifier.handle(event)
  }

  /** Every object of Flux's kinds that this engine works on. */
  *objects(): Iterable<KubeObject> {
    for (const informer of this.#informers) {
      for (const object of informer.list()) if (this.#options.shard.owns(object)) yield object
    }
  }

  notifyPush(push: Push): void {
    this.#sources?.notifyPush(push)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#kinds.stop()
    this.#webhooks?.close()
    await Promise.all([
      this.#sources?.close(),
      this.#kustomizations?.close(),
      this.#helmReleases?.close(),
      this.#receivers?.close(),
      this.#notifier.close(),
    ])
    await this.#proofs.close()
    for (const informer of this.#informers) informer.stop()
    this.#context.live.stop()
    this.#context.watches.stop()
    await this.#context.remotes.close()
    await this.#events.close()
    await this.#context.snapshots.close()
    await this.#endStorage?.()
  }

  async #start(): Promise<void> {
    const handlers = sourceHandlers(this.#options.featureGates)
    const { storage, close } = await openStorage(join(this.#options.dataDir, 'artifacts'), this.#options)
    if (this.#stop.signal.aborted) return close()
    this.#endStorage = close
    const isUsed = (source: SourceObject) =>
      this.#kustomizations?.uses(source) === true || this.#helmReleases?.uses(source) === true
    const sources = new SourceSet(this.#context, storage, handlers.keys(), isUsed)
    this.#sources = sources
    sources.onArtifact(source => this.#kustomizations?.onArtifact(source))
    const follow = async (kind: string): Promise<void> => {
      const informer = await this.#whenServed({ group: sourceGroup, version: 'v1', kind })
      const handler = handlers.get(kind)
      if (handler !== undefined && !this.#stop.signal.aborted) sources.serve(handler, informer, fetches)
    }
    // Kinds that a cluster may lack do not hold the others up.
    const others = [...handlers.keys()].filter(kind => kind !== 'GitRepository')
    const followed = Promise.allSettled(others.map(follow))
    const released = this.#whenServed(helmReleaseKind)
    // What is released in a namespace is known before any is pruned.
    released.then(
      informer => {
        this.#released = informer
      },
      () => undefined,
    )
    const [kustomizations] = await Promise.all([
      this.#whenServed(kustomizationKind),
      follow('GitRepository'),
      this.#proofs.load(),
    ])
    if (this.#stop.signal.aborted) return
    const { concurrency } = this.#options
    this.#kustomizations = new KustomizationController(
      this.#context,
      kustomizations,
      sources,
      this.#proofs,
      concurrency,
      () => (this.#released?.list() ?? []) as HelmRelease[],
    )
    this.#releaseWhenServed(released, sources, followed, concurrency).catch(() => undefined)
  }

  /** HelmReleases are a kind that a cluster may lack: they hold nobody up. */
  async #releaseWhenServed(
    released: Promise<Informer>,
    sources: SourceSet,
    followed: Promise<unknown>,
    concurrency: number,
  ): Promise<void> {
    const informer = await released
    // Charts that are there are known before anybody is told that they are not; a kind that never comes is not waited for.
    await settledWithin(followed, sourcesWithinMs, this.#options.clock)
    if (this.#stop.signal.aborted) return
    const { dataDir } = this.#options
    this.#helmReleases = new HelmReleaseController({ engine: this.#context, informer, sources, dataDir, concurrency })
  }

  async #startNotifications(): Promise<void> {
    const [alerts, providers] = await Promise.all([this.#whenServed(alertKind), this.#whenServed(providerKind)])
    if (!this.#stop.signal.aborted) this.#notifier.start(alerts, providers)
  }

  async #startReceivers(): Promise<void> {
    const informer = await this.#whenServed(receiverKind)
    if (this.#stop.signal.aborted) return
    const { client, clock, logger, metrics, notify, shard } = this.#options
    const receivers = new ReceiverController(this.#context, informer, object => shard.owns(object))
    const crossNamespaceRefs = notify.crossNamespaceRefs ?? false
    this.#receivers = receivers
    const policy = { refusePrivate: notify.refusePrivateAddresses ?? false }
    this.#webhooks = new Webhooks({ client, clock, logger, metrics, receivers, crossNamespaceRefs, policy })
  }

  #stopped(what: string, error: unknown): void {
    if (!this.#stop.signal.aborted) this.#options.logger.error(`${what} did not start`, { error: messageOf(error) })
  }

  /** The informer of a kind, started when its CRD is there: then it need not find out by itself, with growing waits. */
  async #whenServed(kind: { group: string; version: string; kind: string }): Promise<Informer> {
    await this.#kinds.waitFor(kind.group, kind.kind, this.#stop.signal)
    const { client, clock, logger } = this.#options
    const all = createInformer(client, kind, { transform: withSoundStatus }, { clock, logger })
    const informer = new SoundObjects(all, (object, problem) => void tellProblem(this.#context, object, problem))
    this.#informers.push(informer)
    await informer.synced
    return informer
  }

  #emit(event: EngineEvent, about: KubeObject): void {
    this.#options.onEvent(event)
    if (this.#options.kubeEvents && !event.uneventful) this.#events.record(event, about)
    const { kind } = event.about
    if (kind !== 'Alert' && kind !== 'Provider' && kind !== 'Receiver') {
      void this.#notifier.handle(fluxEventOf(event, about, this.#options.identity), about)
    }
  }

  /** A warning about an Alert or Provider. It goes to no Provider: that could go round and round. */
  #warn(about: KubeObject, reason: string, message: string): void {
    const { namespace = '', name = '' } = about.metadata
    const kind = about.kind === 'Provider' ? 'Provider' : 'Alert'
    this.#emit(
      { time: this.#context.clock.now(), severity: 'error', about: { kind, namespace, name }, reason, message },
      about,
    )
  }
}
