import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../../../base/clock.ts'
import { silentLogger } from '../../../base/log.ts'
import { createKubeClient, loadKubeConfig } from '../../../kube/client/index.ts'
import type { KubeClient } from '../../../kube/client/types.ts'
import { conditionOf } from '../../../kube/condition.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { createInformer } from '../../../kube/watch/index.ts'
import { fluxKinds } from '../../../specs/index.ts'
import type { EngineContext } from '../../context.ts'
import type { EngineEvent } from '../../events.ts'
import { guardWrites } from '../../leader/guarded-client.ts'
import { LiveObjects } from '../../live/live-objects.ts'
import { ObjectWatches } from '../../live/object-watches.ts'
import { RemoteClusters } from '../../remote/remote-clusters.ts'
import { Snapshots } from '../../source/snapshots.ts'
import { singleTenant, Tenancy, type TenancyOptions } from '../../tenancy/tenancy.ts'
import { type Call, countCalls } from '../../testing/counting-client.ts'
import { helmReleaseKind } from '../contract.ts'
import { HelmReleaseController } from '../controller.ts'
import type { Snapshot } from '../history.ts'
import { ChartShelf } from './chart-shelf.ts'

/** The parts of the sandbox: handed in, because the sandbox stands above the engine. */
export interface ReleaseWorldParts {
  startCluster(options: { kubeconfigPath: string }): Promise<{ close(): Promise<void> }>
  startWorkloads?(options: { client: KubeClient }): Promise<{ close(): Promise<void> }>
}

/** A real API server, workload controllers where wanted, charts, the real helm, and the controller of HelmReleases. */
export class ReleaseWorld {
  readonly dir: string
  readonly client: KubeClient
  readonly shelf: ChartShelf
  readonly calls: Call[] = []
  readonly events: EngineEvent[] = []
  /** Runs of helm by the controller, by action. */
  readonly runs: string[] = []
  readonly kubeconfig: string
  /** Throws when the engine does not lead; asked before each write to other clusters. */
  checkLead: () => void = () => undefined
  /** Whose an object is: that of this engine, or of another shard's. */
  owns: (object: KubeObject) => boolean = () => true
  readonly #helm: string
  readonly #ends: (() => Promise<unknown>)[] = []
  #stop: (() => Promise<void>) | undefined

  private constructor(dir: string, client: KubeClient, helm: string) {
    this.dir = dir
    this.client = client
    this.kubeconfig = join(dir, 'kubeconfig')
    this.shelf = new ChartShelf(join(dir, 'charts'))
    this.#helm = helm
  }

  static async open(parts: ReleaseWorldParts, helm: string): Promise<ReleaseWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-helm-'))
    const kubeconfigPath = join(dir, 'kubeconfig')
    const cluster = await parts.startCluster({ kubeconfigPath })
    const client = createKubeClient(await loadKubeConfig({ path: kubeconfigPath, env: {} }), { userAgent: 'test' })
    const world = new ReleaseWorld(dir, client, helm)
    for (const kind of fluxKinds) await client.apply(kind.crd(), { fieldManager: 'test' })
    client.invalidateDiscovery()
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } })
    const workloads = await parts.startWorkloads?.({ client })
    world.#ends.push(
      async () => workloads?.close(),
      () => client.close(),
      () => cluster.close(),
      () => rm(dir, { recursive: true, force: true }),
    )
    return world
  }

  /** Starts the controller; another one than before after {@link stop}. */
  async start(tenancy: TenancyOptions = singleTenant): Promise<void> {
    const client = countCalls(this.client, this.calls)
    const [live, watches] = [new LiveObjects(client, systemClock, silentLogger), new ObjectWatches(client, systemClock)]
    const snapshots = new Snapshots(join(this.dir, 'sources'))
    const engine: EngineContext = {
      client,
      guard: one => guardWrites(one, () => this.checkLead()),
      clock: systemClock,
      logger: silentLogger,
      metrics: {
        increment: (name, labels) => {
          if (name === 'sluice_engine_helm_runs_total') this.runs.push(labels['action'] ?? '')
        },
        set() {},
        observe() {},
      },
      random: () => 0.5,
      live,
      watches,
      snapshots,
      remotes: new RemoteClusters(systemClock, silentLogger, one => one),
      tenancy: new Tenancy(tenancy),
      owns: object => this.owns(object),
      readSecret: (namespace, name) => client.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }),
      emit: event => this.events.push(event),
    }
    const informer = createInformer(client, helmReleaseKind, {}, { clock: systemClock })
    await informer.synced
    const controller = new HelmReleaseController({
      engine,
      informer,
      sources: this.shelf,
      dataDir: join(this.dir, 'engine'),
      concurrency: 4,
      env: { SLUICE_HELM: this.#helm },
    })
    this.#stop = async () => {
      await controller.close()
      informer.stop()
      live.stop()
      watches.stop()
      await snapshots.close()
    }
  }

  async stop(): Promise<void> {
    await this.#stop?.()
    this.#stop = undefined
  }

  async close(): Promise<void> {
    await this.stop()
    for (const end of this.#ends) await end()
  }

  apply(object: object): Promise<KubeObject> {
    return this.client.apply(object as KubeObject, { fieldManager: 'test', force: true })
  }

  /** A HelmRelease in `apps` of the chart that stands on the shelf under the same name, unless the spec says otherwise. */
  release(name: string, spec: object = {}, metadata: object = {}): Promise<KubeObject> {
    return this.apply({
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name, namespace: 'apps', ...metadata },
      spec: { interval: '10m', timeout: '20s', chartRef: { kind: 'HelmChart', name }, ...spec },
    })
  }

  find(kind: string, name: string, namespace = 'apps'): Promise<KubeObject | undefined> {
    const groups: Record<string, string> = { HelmRelease: 'helm.toolkit.fluxcd.io', Deployment: 'apps' }
    const version = kind === 'HelmRelease' ? 'v2' : 'v1'
    return this.client.find({ group: groups[kind] ?? '', version, kind, namespace, name })
  }

  /** Resolves with the HelmRelease as soon as the predicate holds for it. */
  async until(name: string, predicate: (object: KubeObject) => unknown, ms = 25_000): Promise<KubeObject> {
    const deadline = performance.now() + ms
    for (;;) {
      const object = await this.find('HelmRelease', name)
      if (object !== undefined && predicate(object)) return object
      if (performance.now() > deadline) throw new Error(`${name}: ${JSON.stringify(object?.['status'], null, 1)}`)
      await new Promise(resolve => setTimeout(resolve, 25))
    }
  }

  /** A HelmRelease that is Ready for its newest generation. */
  ready(name: string): Promise<KubeObject> {
    return this.until(name, object => {
      const ready = conditionOf(object, 'Ready')
      return ready?.status === 'True' && observed(object) && conditionOf(object, 'Reconciling') === undefined
    })
  }

  stalled(name: string): Promise<KubeObject> {
    return this.until(name, object => conditionOf(object, 'Stalled')?.status === 'True' && observed(object))
  }

  /** Asks for a reconcile and resolves when it was made. */
  async reconcile(name: string, annotations: Readonly<Record<string, string>> = {}): Promise<KubeObject> {
    const at = `${Date.now()}-${Math.random()}`
    const marked = Object.fromEntries(Object.keys(annotations).map(key => [key, at]))
    const all = { 'reconcile.fluxcd.io/requestedAt': at, ...marked }
    const ref = { ...helmReleaseKind, namespace: 'apps', name }
    await this.client.patch(ref, 'merge', { metadata: { annotations: all } })
    return this.until(
      name,
      object => (object['status'] as { lastHandledReconcileAt?: string }).lastHandledReconcileAt === at,
    )
  }

  /** Runs the real helm as a person would. */
  async helm(...args: readonly string[]): Promise<string> {
    const env = { HOME: this.dir, KUBECONFIG: this.kubeconfig, PATH: process.env['PATH'] ?? '' }
    const { stdout } = await promisify(execFile)(this.#helm, [...args], { env, timeout: 60_000 })
    return stdout
  }
}

function observed(object: KubeObject): boolean {
  return (object['status'] as { observedGeneration?: number })?.observedGeneration === object.metadata.generation
}

export function historyOf(object: KubeObject): Snapshot[] {
  return ((object['status'] as { history?: Snapshot[] } | undefined)?.history ?? []) as Snapshot[]
}

/** The data of a ConfigMap. */
export function dataOf(object: KubeObject | undefined): Record<string, string> | undefined {
  return object?.['data'] as Record<string, string> | undefined
}
