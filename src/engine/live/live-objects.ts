import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { GroupVersionKind, ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { type CacheEvent, createInformer, type Informer } from '../../kube/watch/index.ts'
import { ownerNameLabel } from '../contract.ts'
import { AcceptedShapes } from './accepted-shapes.ts'
import { fingerprint } from './fingerprint.ts'
import { UnownedObjects } from './unowned-objects.ts'
import { settledWithin } from './within.ts'

/** What the cluster holds at one place, as far as the engine needs it. */
export interface LiveObject {
  /** The object without field sets of its managers and without the data of Secrets and ConfigMaps. */
  readonly object: KubeObject
  /** See {@link fingerprint}; taken before anything was left out. */
  readonly fingerprint: string
}

/** Told of each change of a managed object; `key` is its `refKey`. */
export type LiveListener = (event: CacheEvent, key: string) => void

/** How long a first list may take before objects of the kind are asked for one by one. */
const patienceMs = 5000

interface KindWatch {
  readonly informer: Informer
  synced: boolean
  readonly unsubscribe: () => void
}

/**
 * Every object that carries an owner label, by kind, kept up to date by one watch per kind: what health, drift and
 * change detection read instead of asking the server. A kind is watched from its first use on.
 */
export class LiveObjects {
  /** What this cluster has taken lately. */
  readonly accepted: AcceptedShapes
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #unowned: UnownedObjects
  readonly #kinds = new Map<string, KindWatch>()
  readonly #starting = new Map<string, Promise<void>>()
  readonly #fingerprints = new WeakMap<KubeObject, string>()
  readonly #listeners = new Set<LiveListener>()
  /** Who waits for single objects: a change must not cost all who wait for others. */
  readonly #waiting = new Map<string, Set<LiveListener>>()
  /** Kinds whose watch did not come up in time, until when nobody waits for them again. */
  readonly #impatientUntil = new Map<string, number>()
  #stopped = false

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
    this.accepted = new AcceptedShapes(clock)
    this.#unowned = new UnownedObjects(client, clock)
  }

  /** Starts to watch a kind and resolves when its objects are known. A kind that the server does not know is left alone. */
  async ensure(kind: GroupVersionKind): Promise<void> {
    const key = kindKey(kind)
    if (this.#stopped || this.#kinds.get(key)?.synced) return
    let starting = this.#starting.get(key)
    if (starting === undefined) {
      starting = this.#start(kind, key).finally(() => this.#starting.delete(key))
      this.#starting.set(key, starting)
    }
    await starting
  }

  /** Whether the objects of a kind are known: then an object that is not found does not exist, or nobody owns it. */
  knows(kind: { group: string; kind: string }): boolean {
    return this.#kinds.get(kindKey(kind))?.synced === true
  }

  /** A managed object; undefined when there is none or its kind is not watched (see {@link knows}). */
  get(ref: { group: string; kind: string; namespace: string; name: string }): LiveObject | undefined {
    const object = this.#kinds.get(kindKey(ref))?.informer.get(ref.namespace, ref.name)
    return object && { object, fingerprint: this.#fingerprintOf(object) }
  }

  /**
   * Whether there is no object at all at a place, owned by a Kustomization or not. False when that is not known, and may
   * be so at little cost.
   */
  async isAbsent(ref: ObjectRef, signal: AbortSignal): Promise<boolean> {
    if (!this.knows(ref) || this.get(ref) !== undefined) return false
    return (await this.#unowned.isAbsent(ref, signal)) && this.get(ref) === undefined
  }

  /**
   * Whether the cluster shows an object as it was when the fingerprint was taken. A watch that has not caught up with
   * that moment yet counts as yes: what it shows is older.
   */
  agrees(
    ref: { group: string; kind: string; namespace: string; name: string },
    proof: { readonly fingerprint: string; readonly resourceVersion: string | undefined },
  ): boolean {
    const watch = this.#kinds.get(kindKey(ref))
    if (watch?.synced !== true) return false
    const live = this.get(ref)
    if (live === undefined)
      return proof.fingerprint === '' || isOlder(watch.informer.resourceVersion, proof.resourceVersion)
    return (
      live.fingerprint === proof.fingerprint || isOlder(live.object.metadata.resourceVersion, proof.resourceVersion)
    )
  }

  /** {@link agrees} for an object by its `refKey`. */
  agreesByKey(
    key: string,
    proof: { readonly fingerprint: string; readonly resourceVersion: string | undefined },
  ): boolean {
    return this.agrees(placeOf(key), proof)
  }

  /** {@link get} for an object by its `refKey`. */
  getByKey(key: string): LiveObject | undefined {
    return this.get(placeOf(key))
  }

  /** Calls back for each later change of any managed object; returns the function that ends it. */
  onChange(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** {@link onChange} for a few objects, by `refKey`; returns the function that ends it. */
  onChangeOf(keys: Iterable<string>, listener: LiveListener): () => void {
    const wanted = [...keys]
    for (const key of wanted) {
      const listeners = this.#waiting.get(key)
      if (listeners === undefined) this.#waiting.set(key, new Set([listener]))
      else listeners.add(listener)
    }
    return () => {
      for (const key of wanted) {
        const listeners = this.#waiting.get(key)
        if (listeners?.delete(listener) && listeners.size === 0) this.#waiting.delete(key)
      }
    }
  }

  stop(): void {
    this.#stopped = true
    for (const { informer, unsubscribe } of this.#kinds.values()) {
      unsubscribe()
      informer.stop()
    }
    this.#kinds.clear()
    this.#listeners.clear()
    this.#waiting.clear()
  }

  async #start(kind: GroupVersionKind, key: string): Promise<void> {
    let watch = this.#kinds.get(key)
    if (watch === undefined) {
      const informer = createInformer(
        this.#client,
        kind,
        { labelSelector: ownerNameLabel, transform: object => this.#trim(object) },
        { clock: this.#clock, logger: this.#logger },
      )
      watch = { informer, synced: false, unsubscribe: informer.subscribe(event => this.#tell(event, key)) }
      this.#kinds.set(key, watch)
    }
    const started = watch
    const synced = started.informer.synced.then(() => {
      started.synced = true
    })
    // A kind that may not be listed must not hold anybody up: its objects are then asked for one by one.
    const now = this.#clock.monotonic()
    if (now < (this.#impatientUntil.get(key) ?? 0)) return
    if (!(await settledWithin(synced, patienceMs, this.#clock))) this.#impatientUntil.set(key, now + 60_000)
  }

  #tell(event: CacheEvent, kind: string): void {
    const { namespace = '', name = '' } = event.object.metadata
    const key = `${kind}/${namespace}/${name}`
    for (const listener of [...this.#listeners]) listener(event, key)
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) for (const listener of [...waiting]) listener(event, key)
  }

  #fingerprintOf(object: KubeObject): string {
    let print = this.#fingerprints.get(object)
    if (print === undefined) {
      print = fingerprint(object)
      this.#fingerprints.set(object, print)
    }
    return print
  }

  /** Holds memory down and keeps secrets out of it. */
  #trim(object: KubeObject): KubeObject {
    const kept: KubeObject = { ...object, metadata: { ...object.metadata } }
    if (object.metadata.managedFields !== undefined) {
      kept.metadata.managedFields = object.metadata.managedFields.map(({ fieldsV1: _fields, ...entry }) => entry)
    }
    if (object.kind === 'Secret' || object.kind === 'ConfigMap') {
      delete kept['data']
      delete kept['binaryData']
    }
    this.#fingerprints.set(kept, fingerprint(object))
    return kept
  }
}

function placeOf(key: string): { group: string; kind: string; namespace: string; name: string } {
  const [group = '', kind = '', namespace = '', name = ''] = key.split('/')
  return { group, kind, namespace, name }
}

function kindKey(kind: { group: string; kind: string }): string {
  return `${kind.group}/${kind.kind}`
}

/** Whether `a` is an older reading than `b`: versions of one object are rising integers (KEP-5504). */
export function isOlder(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return false
  return a.length === b.length ? a < b : a.length < b.length
}
