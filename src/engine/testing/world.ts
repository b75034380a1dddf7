import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { type Commit, openMirror, writeFiles } from '../../git/index.ts'
import { createKubeClient, loadKubeConfig } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Secret } from '../../secrets/secret.ts'
import { fluxKinds } from '../../specs/index.ts'
import { type Engine, type EngineEvent, type EngineOptions, startEngine } from '../index.ts'
import { type Call, countCalls } from './counting-client.ts'

/** The parts of the sandbox that a world is made of: handed in, because the sandbox stands above the engine. */
export interface WorldParts {
  startCluster(options: {
    kubeconfigPath: string
    dataDir?: string
    port?: number
  }): Promise<{ port: number; close(): Promise<void> }>
  startForge(options: { dataDir: string }): Promise<{
    readonly url: string
    readonly admin: {
      createUser(user: { login: string }): unknown
      createRepository(repository: { owner: string; name: string; private: boolean }): Promise<unknown>
      createToken(token: { user: string; kind: 'classic'; scopes: string[] }): Secret
    }
    onPush(listener: (event: { ref: string; after: string; repo: string; owner: string }) => void): () => void
    close(): Promise<void>
  }>
}

/** An API server that keeps its port and its objects when it is started again. */
class RestartableCluster {
  readonly #parts: WorldParts
  readonly #options: { kubeconfigPath: string; dataDir: string }
  #running: { port: number; close(): Promise<void> } | undefined
  #port = 0

  constructor(parts: WorldParts, options: { kubeconfigPath: string; dataDir: string }) {
    this.#parts = parts
    this.#options = options
  }

  async start(): Promise<void> {
    this.#running = await this.#parts.startCluster({ ...this.#options, port: this.#port })
    this.#port = this.#running.port
  }

  async stop(): Promise<void> {
    await this.#running?.close()
    this.#running = undefined
  }
}

/** A real API server, a real Git host and an engine between them. */
export class World {
  readonly dir: string
  readonly url: string
  readonly client: KubeClient
  /** Calls of the engine. */
  readonly calls: Call[] = []
  readonly events: EngineEvent[] = []
  engine: Engine | undefined
  /** Runs before each call of the engine; may throw. */
  beforeCall: ((call: Call) => void | Promise<void>) | undefined
  readonly #token: Secret
  /** The API server: may be stopped and started again, with all that it holds. */
  readonly cluster: RestartableCluster
  readonly #ends: (() => Promise<unknown>)[]

  private constructor(
    dir: string,
    url: string,
    client: KubeClient,
    token: Secret,
    cluster: RestartableCluster,
    ends: (() => Promise<unknown>)[],
  ) {
    this.dir = dir
    this.url = url
    this.client = client
    this.#token = token
    this.cluster = cluster
    this.#ends = ends
  }

  /** Starts everything but the engine; `files` is the first commit. */
  static async open(parts: WorldParts, files: Readonly<Record<string, string>>): Promise<World> {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-engine-'))
    const kubeconfigPath = join(dir, 'kubeconfig')
    const cluster = new RestartableCluster(parts, { kubeconfigPath, dataDir: join(dir, 'cluster') })
    await cluster.start()
    const forge = await parts.startForge({ dataDir: join(dir, 'forge') })
    const client = createKubeClient(await loadKubeConfig({ path: kubeconfigPath, env: {} }), { userAgent: 'test' })
    forge.admin.createUser({ login: 'octo' })
    await forge.admin.createRepository({ owner: 'octo', name: 'fleet', private: false })
    const token = forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo'] })
    const url = `${forge.url}/octo/fleet.git`
    const world = new World(dir, url, client, token, cluster, [
      () => client.close(),
      () => forge.close(),
      () => cluster.stop(),
      () => rm(dir, { recursive: true, force: true }),
    ])
    forge.onPush(event => world.engine?.notifyPush({ url, ref: event.ref, commit: event.after }))
    for (const kind of fluxKinds) await client.apply(kind.crd(), { fieldManager: 'test' })
    client.invalidateDiscovery()
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } })
    await world.commit(files)
    return world
  }

  /** Starts the engine; another one than before after {@link stop}. */
  async start(options: Partial<EngineOptions> = {}): Promise<Engine> {
    this.engine = await startEngine({
      client: countCalls(this.client, this.calls, call => this.beforeCall?.(call)),
      dataDir: join(this.dir, 'engine'),
      clock: systemClock,
      onEvent: event => this.events.push(event),
      kubeEvents: false,
      ...options,
    })
    await this.engine.ready
    return this.engine
  }

  async stop(): Promise<void> {
    await this.engine?.close()
    this.engine = undefined
  }

  async close(): Promise<void> {
    await this.stop()
    for (const end of this.#ends) await end()
  }

  /** Commits and pushes files; `undefined` removes one. Returns the commit's id. */
  async commit(files: Readonly<Record<string, string | undefined>>, branch = 'main'): Promise<string> {
    const mirror = await openMirror(join(this.dir, 'person'))
    try {
      const changes = Object.entries(files).map(([path, content]) => ({ path, content }))
      const remote = { url: this.url, auth: { kind: 'basic', username: 'octo', password: this.#token } as const }
      const author = { name: 'Octo', email: 'octo@example.com' }
      const result = await writeFiles({ mirror, remote, branch, changes, message: 'Change files\n', author })
      return (result as unknown as Pick<Commit, never> & { commit: string }).commit
    } finally {
      await mirror.close()
    }
  }

  apply(object: object): Promise<KubeObject> {
    return this.client.apply(object as KubeObject, { fieldManager: 'test', force: true })
  }

  /** A GitRepository `apps/fleet` on the repository. */
  source(spec: object = {}, name = 'fleet'): Promise<KubeObject> {
    return this.apply({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name, namespace: 'apps' },
      spec: { interval: '10m', url: this.url, ref: { branch: 'main' }, ...spec },
    })
  }

  /** A Kustomization in `apps` that builds `./<name>` unless the spec says otherwise. */
  kustomization(name: string, spec: object = {}, metadata: object = {}): Promise<KubeObject> {
    return this.apply({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace: 'apps', ...metadata },
      spec: {
        interval: '10m',
        path: `./${name}`,
        prune: true,
        sourceRef: { kind: 'GitRepository', name: 'fleet' },
        ...spec,
      },
    })
  }

  find(kind: string, name: string, namespace = 'apps'): Promise<KubeObject | undefined> {
    const groups: Record<string, string> = {
      Kustomization: 'kustomize.toolkit.fluxcd.io',
      GitRepository: 'source.toolkit.fluxcd.io',
      OCIRepository: 'source.toolkit.fluxcd.io',
      Bucket: 'source.toolkit.fluxcd.io',
      HelmRepository: 'source.toolkit.fluxcd.io',
      HelmChart: 'source.toolkit.fluxcd.io',
      ExternalArtifact: 'source.toolkit.fluxcd.io',
      Deployment: 'apps',
      Lease: 'coordination.k8s.io',
    }
    return this.client.find({ group: groups[kind] ?? '', version: 'v1', kind, namespace, name })
  }

  /** Resolves with the object as soon as the predicate holds for it. */
  async until(
    kind: string,
    name: string,
    predicate: (object: KubeObject | undefined) => unknown,
    options: { readonly ms?: number; readonly namespace?: string } = {},
  ): Promise<KubeObject> {
    const deadline = performance.now() + (options.ms ?? 10_000)
    for (;;) {
      const object = await this.find(kind, name, options.namespace)
      if (predicate(object)) return object!
      if (performance.now() > deadline) {
        throw new Error(`${kind}/${name} did not get there: ${JSON.stringify(object?.['status'] ?? object, null, 1)}`)
      }
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  /** A Kustomization that is Ready at a commit. */
  ready(name: string, commit?: string): Promise<KubeObject> {
    return this.until('Kustomization', name, object => {
      const status = object?.['status'] as { lastAppliedRevision?: string } | undefined
      const there = commit === undefined || status?.lastAppliedRevision === `main@sha1:${commit}`
      return there && conditionOf(object, 'Ready')?.status === 'True'
    })
  }

  /** A Kustomization that is not Ready for a reason. */
  failed(name: string, reason: string, kind = 'Kustomization'): Promise<KubeObject> {
    return this.until(kind, name, object => {
      const ready = conditionOf(object, 'Ready')
      return ready?.status === 'False' && ready.reason === reason
    })
  }

  /** Waits until the engine has made no call for a while. */
  async quiet(ms = 150): Promise<void> {
    for (let before = -1; before !== this.#work().length; ) {
      before = this.#work().length
      await new Promise(resolve => setTimeout(resolve, ms))
    }
  }

  /** Calls of the engine made by `work` and what follows from it, leader election left out. */
  async callsOf(work: () => Promise<unknown>): Promise<Call[]> {
    await this.quiet()
    const from = this.calls.length
    await work()
    await this.quiet()
    return this.calls.slice(from).filter(call => !call.what.startsWith('Lease/'))
  }

  #work(): Call[] {
    return this.calls.filter(call => !call.what.startsWith('Lease/'))
  }
}

/** The message of a condition. */
export function messageOf(object: KubeObject | undefined, type = 'Ready'): string {
  return conditionOf(object, type)?.message ?? ''
}

/** Text of a ConfigMap. */
export function configMap(
  name: string,
  data: Readonly<Record<string, string>> = { a: '1' },
  namespace = 'apps',
): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data })
}
