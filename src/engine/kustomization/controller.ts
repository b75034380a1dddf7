import { backoffDelay } from '../../base/backoff.ts'
import { type ObjectRef, refKey } from '../../kube/identity.ts'
import type { CacheEvent, Informer } from '../../kube/watch/index.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { EngineContext } from '../context.ts'
import { allowEmptyAnnotation, requestedAtAnnotation } from '../contract.ts'
import type { Busyness } from '../events/kube-events.ts'
import { messageOf } from '../failure.ts'
import { Latest } from '../latest.ts'
import { countReconcile, queueMetrics } from '../metrics/queue-metrics.ts'
import { type WorkContext, WorkQueue, type WorkResult } from '../queue/work-queue.ts'
import type { Target } from '../remote/target.ts'
import type { SourceObject, Sources } from '../source/sources.ts'
import { announcementPace } from './announcement.ts'
import { tellContest } from './contest.ts'
import type { KustomizationContext, KustomizationReason } from './context.ts'
import { dependenciesOf } from './dependencies.ts'
import { conditionOf, keyOf, sourceRefKey, sourceRefOf, splitKey } from './facts.ts'
import { foreignIn } from './foreign.ts'
import { IndexBy } from './index-by.ts'
import { type Memory, newMemory } from './memory.ts'
import { ownerOf } from './owner.ts'
import type { ProofFile } from './proof-file.ts'
import { reconcileKustomization } from './reconcile.ts'
import type { ReadVariables } from './variables.ts'

/** Applies every Kustomization of the cluster: turns what happens into work, and does the work. */
export class KustomizationController {
  readonly #engine: EngineContext
  readonly #latest: Latest<Kustomization>
  readonly #proofs: ProofFile
  readonly #queue: WorkQueue<KustomizationReason>
  readonly #memories = new Map<string, Memory>()
  readonly #bySource = new IndexBy()
  readonly #byDependency = new IndexBy()
  readonly #context: KustomizationContext

  constructor(
    engine: EngineContext,
    informer: Informer,
    sources: Sources,
    proofs: ProofFile,
    concurrency: number,
    listHelmReleases: () => readonly HelmRelease[] = () => [],
  ) {
    this.#engine = engine
    this.#proofs = proofs
    proofs.collectFrom(() => new Map([...this.#memories].map(([key, memory]) => [key, memory.proofs])))
    this.#latest = new Latest(informer)
    this.#context = {
      engine,
      sources,
      announcements: announcementPace(engine.clock),
      findKustomization: (namespace, name) => this.#latest.get(namespace, name),
      listKustomizations: () => this.#latest.list(),
      readVariables: object => this.#readVariables(object),
      foreignIn: (namespace, owner) =>
        foreignIn(namespace, owner, this.#latest.list(), sources.list(), listHelmReleases()),
      drifted: object => this.#drifted(keyOf(object)),
      isUrgent: () => this.#queue.urgentInFlight,
      hasDependents: object => this.#byDependency.in(keyOf(object)).length > 0,
      proven: () => proofs.changed(),
      remember: object => this.#remember(object),
    }
    this.#queue = new WorkQueue<KustomizationReason>({
      concurrency,
      clock: engine.clock,
      handle: (key, work) => this.#handle(key, work),
      onError: (key, error) => engine.logger.error('Kustomization not reconciled', { key, error: messageOf(error) }),
      retryMs: failures => backoffDelay(failures, { baseMs: 750, maxMs: 60_000 }),
      requeueReason: 'interval',
      ...queueMetrics(engine.metrics, 'kustomization', concurrency),
    })
    informer.subscribe(event => this.#onKustomization(event))
    engine.live.onChange((event, id) => this.#onLive(engine, event, id))
    engine.remotes.onChange((target, event, id) => this.#onLive(target, event, id))
    engine.watches.onChange((_ref, users) => this.#onInput(users))
    for (const object of informer.list()) this.#added(object as Kustomization)
  }

  /** A source has another artifact: everything that builds from it is looked at. */
  onArtifact(source: SourceObject): void {
    const { namespace = '', name = '' } = source.metadata
    for (const user of this.#bySource.in(sourceRefKey({ kind: source.kind, namespace, name }))) {
      this.#queue.add(user, 'source')
    }
  }

  /** Whether something of ours is built from a source. */
  uses(source: SourceObject): boolean {
    const { namespace = '', name = '' } = source.metadata
    return [...this.#bySource.in(sourceRefKey({ kind: source.kind, namespace, name }))].length > 0
  }

  /** A kind is served now: who failed for the lack of it tries again. */
  onKind(group: string, kind: string): void {
    for (const [key, memory] of this.#memories) {
      if (memory.missingKind === `${group}/${kind}`) this.#queue.add(key, 'kind')
    }
  }

  /** Whether Kustomizations are being worked on or wait for it, or else wait for health. */
  get busyness(): Busyness {
    if (this.#queue.busy) return 'working'
    return this.#queue.inFlight > 0 ? 'waiting' : 'idle'
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  async #handle(key: string, work: WorkContext<KustomizationReason>): Promise<WorkResult> {
    const object = this.#find(key)
    const memory = this.#memories.get(key)
    if (object === undefined || memory === undefined) return {}
    const result = await reconcileKustomization(this.#context, object, memory, work)
    const failed = conditionOf(this.#find(key) ?? object, 'Ready')?.status === 'False'
    countReconcile(this.#engine.metrics, 'kustomization', failed)
    return result
  }

  #find(key: string): Kustomization | undefined {
    const { namespace, name } = splitKey(key)
    return this.#latest.get(namespace, name)
  }

  #remember(object: Kustomization): void {
    const before = this.#find(keyOf(object))
    this.#latest.remember(object)
    if (before !== undefined) this.#wakeDependents(before, object)
  }

  #onKustomization(event: CacheEvent): void {
    const object = event.object as Kustomization
    if (event.type === 'added') this.#added(object)
    else if (event.type === 'deleted') this.#deleted(keyOf(object))
    else this.#modified(event.previous as Kustomization, object)
  }

  #added(object: Kustomization): void {
    const key = keyOf(object)
    if (!this.#engine.owns(object)) return this.#wake(key)
    if (!this.#memories.has(key)) this.#memories.set(key, newMemory(this.#proofs.take(key)))
    this.#index(key, object)
    this.#queue.add(key, 'spec')
    this.#wake(key)
  }

  #modified(before: Kustomization, after: Kustomization): void {
    const key = keyOf(after)
    if (!this.#engine.owns(after)) {
      // Its label has changed: another engine goes on with it.
      if (this.#memories.has(key)) {
        this.#queue.giveUp(key)
        this.#disown(key)
      }
      return this.#wakeDependents(before, after)
    }
    if (!this.#memories.has(key)) return this.#added(after)
    this.#index(key, after)
    const differs = (name: string) => before.metadata.annotations?.[name] !== after.metadata.annotations?.[name]
    if (differs(requestedAtAnnotation)) this.#queue.add(key, 'requested', 0)
    else if (
      before.metadata.generation !== after.metadata.generation ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
      differs(allowEmptyAnnotation)
    ) {
      this.#queue.add(key, 'spec')
    }
    this.#wakeDependents(before, after)
  }

  #deleted(key: string): void {
    this.#disown(key)
    this.#latest.forget(key)
    this.#wake(key)
  }

  /** Lets go of all that is kept for a Kustomization. */
  #disown(key: string): void {
    this.#queue.forget(key)
    this.#memories.delete(key)
    this.#engine.metrics.forget?.({ kind: 'Kustomization', ...splitKey(key) })
    this.#bySource.delete(key)
    this.#byDependency.delete(key)
    this.#engine.watches.retain(`vars:${key}`, [])
    this.#engine.watches.retain(`health:${key}`, [])
    this.#engine.remotes.release(key)
  }

  #index(key: string, object: Kustomization): void {
    this.#bySource.set(key, [sourceRefKey(sourceRefOf(object))])
    this.#byDependency.set(
      key,
      dependenciesOf(object).map(({ namespace, name }) => `${namespace}/${name}`),
    )
  }

  /** The edge of dependsOn: fires when a dependency's readiness, revision or spec changes. */
  #wakeDependents(before: Kustomization, after: Kustomization): void {
    if (faceOf(before) !== faceOf(after)) this.#wake(keyOf(after))
  }

  #wake(key: string): void {
    for (const dependent of this.#byDependency.in(key)) {
      const object = this.#find(dependent)
      const waits =
        this.#memories.get(dependent)?.waitingSince !== undefined ||
        (object !== undefined && conditionOf(object, 'Ready')?.reason === 'DependencyNotReady')
      if (waits) this.#queue.add(dependent, 'dependency')
    }
  }

  /** A managed object changed: it is drift when it is not as it was applied. */
  #onLive(target: Target, event: CacheEvent, id: string): void {
    const owner = ownerOf(event.object)
    if (owner !== undefined) this.#onManaged(target, `${owner.namespace}/${owner.name}`, id)
    const before = event.type === 'modified' ? ownerOf(event.previous) : undefined
    if (before === undefined || (before.namespace === owner?.namespace && before.name === owner.name)) return
    this.#onManaged(target, `${before.namespace}/${before.name}`, id)
  }

  #onManaged(target: Target, key: string, id: string): void {
    const memory = this.#memories.get(key)
    if (memory === undefined || memory.applying || (memory.target ?? this.#engine) !== target) return
    const proof = memory.proofs.get(id)
    if (proof !== undefined && !target.live.agreesByKey(id, proof)) this.#drifted(key, id)
    else if (memory.unhealthy?.some(open => refKey(open) === id)) this.#queue.add(key, 'health')
  }

  /** Corrects at once; an object that somebody writes to all the time is looked at less and less often, 30 s apart at most. */
  #drifted(key: string, id?: string): void {
    const memory = this.#memories.get(key)
    if (memory === undefined) return
    const now = this.#engine.clock.monotonic()
    if (now - memory.drift.since > 60_000) memory.drift = { since: now, times: 0 }
    memory.drift.times++
    const waitMs = memory.drift.times <= 5 ? 0 : Math.min(30_000, 250 * 2 ** (memory.drift.times - 6))
    const object = this.#find(key)
    if (memory.drift.times === 6 && id !== undefined && object !== undefined)
      tellContest(this.#engine, memory.target ?? this.#engine, object, id)
    if (waitMs === 0) this.#queue.add(key, 'drift')
    else this.#queue.addAfter(key, 'drift', waitMs, 1)
  }

  #onInput(users: ReadonlySet<string>): void {
    for (const user of users) {
      const key = user.slice(user.indexOf(':') + 1)
      if (user.startsWith('vars:')) this.#queue.add(key, 'input')
      else if (this.#memories.get(key)?.unhealthy !== undefined) this.#queue.add(key, 'health')
    }
  }

  /** What a Kustomization substitutes from is watched from its first reading on, so that a change reconciles at once. */
  #readVariables(object: Kustomization): ReadVariables {
    const user = `vars:${keyOf(object)}`
    const namespace = object.metadata.namespace ?? ''
    const refTo = (kind: string, name: string): ObjectRef => ({ group: '', version: 'v1', kind, namespace, name })
    const { postBuild, decryption, kubeConfig } = object.spec
    const wanted = (postBuild?.substituteFrom ?? []).map(({ kind, name }) => refTo(String(kind), name))
    for (const name of [decryption?.secretRef?.name, kubeConfig?.secretRef?.name]) {
      if (name !== undefined) wanted.push(refTo('Secret', name))
    }
    this.#engine.watches.retain(user, wanted)
    return (kind, name) => this.#engine.watches.read(user, refTo(kind, name))
  }
}

/** What a dependent cares about. */
function faceOf(object: Kustomization): string {
  const { lastAppliedRevision, observedGeneration } = object.status ?? {}
  const ready = conditionOf(object, 'Ready')?.status
  return JSON.stringify([ready, lastAppliedRevision, observedGeneration, object.metadata.generation])
}
