import { join } from 'node:path'
import { backoffDelay } from '../../base/backoff.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import type { CacheEvent, Informer } from '../../kube/watch/index.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import type { EngineContext } from '../context.ts'
import { requestedAtAnnotation } from '../contract.ts'
import { messageOf } from '../failure.ts'
import { conditionOf, keyOf, splitKey } from '../kustomization/facts.ts'
import { IndexBy } from '../kustomization/index-by.ts'
import { Latest } from '../latest.ts'
import { countReconcile, queueMetrics } from '../metrics/queue-metrics.ts'
import { type WorkContext, WorkQueue, type WorkResult } from '../queue/work-queue.ts'
import type { SourceObject, Sources } from '../source/sources.ts'
import { ChartCache } from './chart/cache.ts'
import type { HelmReleaseContext, HelmReleaseReason } from './context.ts'
import { dependenciesOf } from './dependencies.ts'
import { Gateway } from './gateway/gateway.ts'
import { Helm } from './helm/helm.ts'
import { type Memory, newMemory } from './memory.ts'
import { reconcileHelmRelease } from './reconcile.ts'
import { chartSourceKey, chartSourceOf } from './source.ts'
import type { ReadValues } from './values/collect.ts'

export interface HelmReleaseOptions {
  readonly engine: EngineContext
  readonly informer: Informer
  readonly sources: Pick<Sources, 'find' | 'file' | 'refetch' | 'onArtifact'>
  /** Folder of the engine's own. */
  readonly dataDir: string
  readonly concurrency: number
  /** Where helm is looked for; that of this process when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Releases every HelmRelease of the cluster: turns what happens into work, and does the work. */
export class HelmReleaseController {
  readonly #engine: EngineContext
  readonly #latest: Latest<HelmRelease>
  readonly #queue: WorkQueue<HelmReleaseReason>
  readonly #memories = new Map<string, Memory>()
  readonly #bySource = new IndexBy()
  readonly #byDependency = new IndexBy()
  readonly #gateway = new Gateway()
  readonly #context: HelmReleaseContext
  readonly #ends: (() => void)[]

  constructor({ engine, informer, sources, dataDir, concurrency, env = process.env }: HelmReleaseOptions) {
    this.#engine = engine
    this.#latest = new Latest(informer)
    const spawned = (action: string) => engine.metrics.increment('sluice_engine_helm_runs_total', { action })
    const helm = new Helm(this.#gateway, join(dataDir, 'helm'), env, spawned)
    this.#context = {
      engine,
      sources,
      helm,
      charts: new ChartCache(),
      findHelmRelease: (namespace, name) => this.#latest.get(namespace, name),
      readValues: object => this.#readValues(object),
      remember: object => this.#remember(object),
    }
    const cleaned = helm.clean()
    this.#queue = new WorkQueue<HelmReleaseReason>({
      concurrency,
      clock: engine.clock,
      handle: async (key, work) => {
        await cleaned
        return this.#handle(key, work)
      },
      onError: (key, error) => engine.logger.error('HelmRelease not reconciled', { key, error: messageOf(error) }),
      retryMs: failures => backoffDelay(failures, { baseMs: 750, maxMs: 60_000 }),
      requeueReason: 'interval',
      ...queueMetrics(engine.metrics, 'helmrelease', concurrency),
    })
    this.#ends = [
      informer.subscribe(event => this.#onHelmRelease(event)),
      engine.watches.onChange((_ref, users) => this.#onInput(users)),
      sources.onArtifact(source => this.#onArtifact(source)),
    ]
    for (const object of informer.list()) this.#added(object as HelmRelease)
  }

  async close(): Promise<void> {
    for (const end of this.#ends) end()
    await this.#queue.close()
    await this.#gateway.close()
  }

  async #handle(key: string, work: WorkContext<HelmReleaseReason>): Promise<WorkResult> {
    const object = this.#find(key)
    const memory = this.#memories.get(key)
    if (object === undefined || memory === undefined) return {}
    const result = await reconcileHelmRelease(this.#context, object, memory, work)
    const failed = conditionOf(this.#find(key) ?? object, 'Ready')?.status === 'False'
    countReconcile(this.#engine.metrics, 'helmrelease', failed)
    return result
  }

  #find(key: string): HelmRelease | undefined {
    const { namespace, name } = splitKey(key)
    return this.#latest.get(namespace, name)
  }

  #remember(object: HelmRelease): void {
    const before = this.#find(keyOf(object))
    this.#latest.remember(object)
    if (before !== undefined && faceOf(before) !== faceOf(object)) this.#wakeDependents(keyOf(object))
  }

  /** A source has another artifact: who releases its chart looks at it. */
  #onArtifact({ kind, metadata }: SourceObject): void {
    const { namespace = '', name = '' } = metadata
    for (const user of this.#bySource.in(`${kind}/${namespace}/${name}`)) this.#queue.add(user, 'source')
  }

  #onHelmRelease(event: CacheEvent): void {
    const object = event.object as HelmRelease
    if (event.type === 'added') this.#added(object)
    else if (event.type === 'deleted') this.#deleted(keyOf(object))
    else this.#modified(event.previous as HelmRelease, object)
  }

  #added(object: HelmRelease): void {
    const key = keyOf(object)
    if (!this.#engine.owns(object)) return this.#wakeDependents(key)
    if (!this.#memories.has(key)) this.#memories.set(key, newMemory())
    this.#index(key, object)
    this.#queue.add(key, 'spec')
    this.#wakeDependents(key)
  }

  #modified(before: HelmRelease, after: HelmRelease): void {
    const key = keyOf(after)
    if (!this.#engine.owns(after)) {
      // Its label has changed: another engine goes on with it.
      if (this.#memories.has(key)) {
        this.#queue.giveUp(key)
        this.#disown(key)
      }
      if (faceOf(before) !== faceOf(after)) this.#wakeDependents(key)
      return
    }
    if (!this.#memories.has(key)) return this.#added(after)
    this.#index(key, after)
    const asked = (object: HelmRelease) => object.metadata.annotations?.[requestedAtAnnotation]
    if (asked(before) !== asked(after)) this.#queue.add(key, 'requested', 0)
    else if (
      before.metadata.generation !== after.metadata.generation ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp
    ) {
      this.#queue.add(key, 'spec')
    }
    if (faceOf(before) !== faceOf(after)) this.#wakeDependents(key)
  }

  #deleted(key: string): void {
    this.#disown(key)
    this.#latest.forget(key)
    this.#wakeDependents(key)
  }

  /** Lets go of all that is kept for a release. */
  #disown(key: string): void {
    this.#queue.forget(key)
    this.#memories.delete(key)
    this.#engine.metrics.forget?.({ kind: 'HelmRelease', ...splitKey(key) })
    this.#bySource.delete(key)
    this.#byDependency.delete(key)
    this.#engine.watches.retain(`helm:${key}`, [])
  }

  /** Whether something of ours is released from a source. */
  uses({ kind, metadata }: SourceObject): boolean {
    return [...this.#bySource.in(`${kind}/${metadata.namespace ?? ''}/${metadata.name ?? ''}`)].length > 0
  }

  #index(key: string, object: HelmRelease): void {
    this.#bySource.set(key, [chartSourceKey(chartSourceOf(object))])
    this.#byDependency.set(
      key,
      dependenciesOf(object).map(({ namespace, name }) => `${namespace}/${name}`),
    )
  }

  /** The edge of dependsOn: fires when a dependency's readiness or spec changes. */
  #wakeDependents(key: string): void {
    for (const dependent of this.#byDependency.in(key)) {
      const object = this.#find(dependent)
      if (object !== undefined && conditionOf(object, 'Ready')?.reason === 'DependencyNotReady') {
        this.#queue.add(dependent, 'dependency')
      }
    }
  }

  #onInput(users: ReadonlySet<string>): void {
    for (const user of users) if (user.startsWith('helm:')) this.#queue.add(user.slice('helm:'.length), 'input')
  }

  /** What a release takes values from is watched from its first reading on, so that a change is released at once. */
  #readValues(object: HelmRelease): ReadValues {
    const user = `helm:${keyOf(object)}`
    const namespace = object.metadata.namespace ?? ''
    const refTo = (kind: string, name: string): ObjectRef => ({ group: '', version: 'v1', kind, namespace, name })
    const wanted = (object.spec.valuesFrom ?? []).map(({ kind, name }) => refTo(String(kind), name))
    this.#engine.watches.retain(user, wanted)
    return (kind, name) => this.#engine.watches.read(user, refTo(kind, name))
  }
}

/** What a dependent cares about. */
function faceOf(object: HelmRelease): string {
  const { observedGeneration } = object.status ?? {}
  return JSON.stringify([conditionOf(object, 'Ready')?.status, observedGeneration, object.metadata.generation])
}
