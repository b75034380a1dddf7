import type { ApiResource } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { CacheEvent, Informer } from '../../kube/watch/index.ts'
import { problemOf } from './problem.ts'

interface Verdict {
  readonly uid: string | undefined
  readonly generation: number | undefined
  readonly problem: string | undefined
}

/**
 * The objects of a kind that can be worked on. One of them that cannot is told of and is not there for anybody: it stops
 * neither the start of a controller nor what goes through all objects.
 */
export class SoundObjects implements Informer {
  readonly synced: Promise<void>
  readonly #all: Informer
  readonly #tell: (object: KubeObject, problem: string) => void
  readonly #verdicts = new Map<string, Verdict>()

  /** `tell` is called once for each generation of an object that cannot be worked on. */
  constructor(all: Informer, tell: (object: KubeObject, problem: string) => void) {
    this.#all = all
    this.#tell = tell
    this.synced = all.synced
  }

  get resource(): ApiResource {
    return this.#all.resource
  }

  get hasSynced(): boolean {
    return this.#all.hasSynced
  }

  get resourceVersion(): string | undefined {
    return this.#all.resourceVersion
  }

  get(namespace: string, name: string): KubeObject | undefined {
    const object = this.#all.get(namespace, name)
    return object !== undefined && this.#isSound(object) ? object : undefined
  }

  list(namespace?: string): readonly KubeObject[] {
    return this.#all.list(namespace).filter(object => this.#isSound(object))
  }

  subscribe(listener: (event: CacheEvent) => void): () => void {
    return this.#all.subscribe(event => {
      const seen = this.#seen(event)
      if (seen !== undefined) listener(seen)
    })
  }

  stop(): void {
    this.#all.stop()
  }

  /** An object that becomes good appears; one that becomes bad goes, and what was made from it stays as it is. */
  #seen(event: CacheEvent): CacheEvent | undefined {
    const { type, object } = event
    const was = type !== 'added' && this.#isSound(type === 'modified' ? event.previous : object)
    if (type === 'deleted') {
      this.#verdicts.delete(keyOf(object))
      return was ? event : undefined
    }
    const is = this.#isSound(object)
    if (is) return was || type === 'added' ? event : { type: 'added', object }
    return was ? { type: 'deleted', object } : undefined
  }

  #isSound(object: KubeObject): boolean {
    const key = keyOf(object)
    const { uid, generation } = object.metadata
    const known = this.#verdicts.get(key)
    if (known !== undefined && known.uid === uid && known.generation === generation) return known.problem === undefined
    const problem = problemOf(object)
    // What is older is only looked at beside what is newer.
    const older = known !== undefined && known.uid === uid && (known.generation ?? 0) > (generation ?? 0)
    if (older) return problem === undefined
    this.#verdicts.set(key, { uid, generation, problem })
    if (problem !== undefined) this.#tell(object, problem)
    return problem === undefined
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}
