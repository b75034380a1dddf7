import { backoffDelay } from '../../base/backoff.ts'
import { type ObjectRef, refKey, refOf } from '../../kube/identity.ts'
import type { CacheEvent, Informer } from '../../kube/watch/index.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { EngineContext } from '../context.ts'
import { allowEmptyAnnotation, requestedAtAnnotation } from '../contract.ts'
import { messageOf } from '../failure.ts'
import { Latest } from '../latest.ts'
import { type WorkContext, WorkQueue, type WorkResult } from '../queue/work-queue.ts'
import type { SourceObject, Sources } from '../source/sources.ts'
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

  constructor(engine: EngineContext, informer: Informer, sources: Sources, proofs: ProofFile, concurrency: number) {
    this.#engine = engine
    this.#proofs = proofs
    proofs.collectFrom(() => new Map([...this.#memories].map(([key, memory]) => [key, memory.proofs])))
    this.#latest = new Latest(informer)
    this.#context = {
      engine,
      sources,
      findKustomization: (namespace, name) => this.#latest.get(namespace, name),
      listKustomizations: () => this.#latest.list(),
      readVariables: object => this.#readVariables(object),
      foreignIn: (namespace, owner) => foreignIn(namespace, owner, this.#latest.list(), sources.list()),
      drifted: object => this.#drifted(keyOf(object)),
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
      onDepth: depth => engine.metrics.set('workqueue_depth', { name: 'kustomization' }, depth),
    })
    informer.subscribe(event => this.#onKustomization(event))
    engine.live.onChange(event => this.#onLive(event))
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

  /** A kind is served now: who failed for the lack of it tries again. */
  onKind(group: string, kind: string): void {
    for (const [key, memory] of this.#memories) {
      if (memory.missingKind === `${group}/${kind}`) this.#queue.add(key, 'kind')
    }
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
    this.#engine.metrics.increment('controller_runtime_reconcile_total', {
      controller: 'kustomization',
      result: failed ? 'error' : 'success',
    })
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
    if (!this.#memories.has(key)) this.#memories.set(key, newMemory(this.#proofs.take(key)))
    this.#index(key, object)
    this.#queue.add(key, 'spec')
    this.#wake(key)
  }

  #modified(before: Kustomization, after: Kustomization): void {
    const key = keyOf(after)
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
    this.#queue.forget(key)
    this.#memories.delete(key)
    this.#latest.forget(key)
    this.#bySource.delete(key)
    this.#byDependency.delete(key)
    this.#engine.watches.retain(`vars:${key}`, [])
    this.#engine.watches.retain(`health:${key}`, [])
    this.#wake(key)
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
  #onLive(event: CacheEvent): void {
    const ref = refOf(event.object)
    const owners = [ownerOf(event.object), event.type === 'modified' ? ownerOf(event.previous) : undefined]
    const keys = new Set(owners.filter(owner => owner !== undefined).map(owner => `${owner.namespace}/${owner.name}`))
    for (const key of keys) {
      const memory = this.#memories.get(key)
      if (memory === undefined || memory.applying) continue
      const id = refKey(ref)
      const proof = memory.proofs.get(id)
      if (proof !== undefined && !this.#engine.live.agrees(ref, proof)) this.#drifted(key)
      else if (memory.unhealthy?.some(open => refKey(open) === id)) this.#queue.add(key, 'health')
    }
  }

  /** Corrects at once; an object that somebody writes to all the time is looked at less and less often, 30 s apart at most. */
  #drifted(key: string): void {
    const memory = this.#memories.get(key)
    if (memory === undefined) return
    const now = this.#engine.clock.monotonic()
    if (now - memory.drift.since > 60_000) memory.drift = { since: now, times: 0 }
    memory.drift.times++
    const waitMs = memory.drift.times <= 5 ? 0 : Math.min(30_000, 250 * 2 ** (memory.drift.times - 6))
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
    const wanted = (object.spec.postBuild?.substituteFrom ?? []).map(({ kind, name }) => refTo(String(kind), name))
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
