import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import { isConflict } from '../../../kube/client/index.ts'
import type { KubeClient } from '../../../kube/client/types.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { createInformer, type Informer, KeyedLoop } from '../../../kube/watch/index.ts'
import { EventRecorder } from './event-recorder.ts'
import { gvkOfKind, type KindName, type KindTypes, kindNames } from './kinds.ts'
import { controllerOf, OwnedIndex } from './owners.ts'
import { Seen } from './seen.ts'
import { Writer } from './writer.ts'

/** What a world is made of. */
export interface WorldOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** What every controller reads and writes: one cache of each kind, and writes that the cache catches up with. */
export class World {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly write: Writer
  readonly events: EventRecorder
  readonly #logger: Logger
  readonly #informers: Readonly<Record<KindName, Informer>>
  readonly #loops: KeyedLoop[] = []
  readonly #owned: Readonly<Record<KindName, OwnedIndex<KubeObject>>>

  constructor({ client, clock, logger, signal }: WorldOptions) {
    this.clock = clock
    this.signal = signal
    this.#logger = logger
    const informers = kindNames.map(kind => [
      kind,
      createInformer(client, gvkOfKind(kind), { transform: withoutManagedFields }, { clock, logger }),
    ])
    this.#informers = Object.fromEntries(informers) as Record<KindName, Informer>
    // Before all other listeners: what they look at must know of the event that they hear of.
    const owned = kindNames.map(kind => [kind, new OwnedIndex(this.#informers[kind])])
    this.#owned = Object.fromEntries(owned) as Record<KindName, OwnedIndex<KubeObject>>
    const seen = kindNames.map((kind): [KindName, Seen] => [kind, new Seen(this.#informers[kind], clock, signal)])
    const release = () => {
      for (const [, one] of seen) one.wake()
    }
    signal.addEventListener('abort', release, { once: true })
    this.write = new Writer(client, Object.fromEntries(seen) as Record<KindName, Seen>)
    this.events = new EventRecorder(client, clock, logger)
  }

  /** Resolves when all caches have their first list. */
  async synced(): Promise<void> {
    await Promise.all(kindNames.map(kind => this.#informers[kind].synced))
  }

  now(): Date {
    return this.clock.now()
  }

  get<K extends KindName>(kind: K, namespace: string, name: string): KindTypes[K] | undefined {
    return this.#informers[kind].get(namespace, name) as KindTypes[K] | undefined
  }

  list<K extends KindName>(kind: K, namespace?: string): readonly KindTypes[K][] {
    return this.#informers[kind].list(namespace) as readonly KindTypes[K][]
  }

  /** Objects of a kind by their controller. */
  owned<K extends KindName>(kind: K): OwnedIndex<KindTypes[K]> {
    return this.#owned[kind] as unknown as OwnedIndex<KindTypes[K]>
  }

  /** Calls `listener` for each object of a kind that there is, and for each change. */
  each<K extends KindName>(
    kind: K,
    listener: (object: KindTypes[K], previous: KindTypes[K] | undefined, deleted: boolean) => void,
  ): void {
    this.#informers[kind].subscribe(event =>
      listener(
        event.object as KindTypes[K],
        (event.type === 'modified' ? event.previous : undefined) as KindTypes[K] | undefined,
        event.type === 'deleted',
      ),
    )
    for (const object of this.list(kind)) listener(object, undefined, false)
  }

  /** Asks a loop for the controller of each changed object of a kind, when it is of kind `owner`. */
  eachOwner(kind: KindName, owner: KindName, ask: (key: string) => void): void {
    const tell = (object: KubeObject) => {
      const reference = controllerOf(object)
      if (reference?.kind === owner) ask(`${object.metadata.namespace ?? ''}/${reference.name}`)
    }
    this.each(kind, (object, previous) => {
      tell(object)
      if (previous && controllerOf(previous)?.uid !== controllerOf(object)?.uid) tell(previous)
    })
  }

  /** A loop of one controller; it is stopped with the world. */
  loop(controller: string, work: (key: string) => Promise<void>): KeyedLoop {
    const onError = (key: string, error: unknown) => {
      if (this.signal.aborted || isConflict(error)) return
      this.#logger.debug('an object could not be reconciled', { controller, key, error: String(error) })
    }
    const loop = new KeyedLoop(work, onError, { clock: this.clock, retryMs: 25 })
    this.#loops.push(loop)
    return loop
  }

  async close(): Promise<void> {
    await Promise.all(this.#loops.map(loop => loop.stop()))
    await this.events.settled()
    for (const kind of kindNames) this.#informers[kind].stop()
  }
}

/** Whether an object is on its way out. */
export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
