import type { KubeClient } from '../../kube/client/types.ts'
import { type ObjectRef, refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { slim } from './slim.ts'

const atOnce = 4
const mostKept = 500

/**
 * Objects that an inventory names and no watch shows: they are asked for by name, once. One that is there after all, its
 * labels taken away, is kept until something is heard of it.
 */
export class MissingObjects {
  readonly #client: KubeClient
  readonly #signal: AbortSignal
  readonly #onFound: () => void
  readonly #asked = new Map<string, KubeObject | undefined>()
  readonly #queue: ObjectRef[] = []
  #running = 0

  constructor(client: KubeClient, signal: AbortSignal, onFound: () => void) {
    this.#client = client
    this.#signal = signal
    this.#onFound = onFound
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.#asked.get(refKey(ref))
  }

  check(refs: readonly ObjectRef[]): void {
    for (const ref of refs) {
      const key = refKey(ref)
      if (this.#asked.has(key) || this.#asked.size >= mostKept) continue
      this.#asked.set(key, undefined)
      this.#queue.push(ref)
    }
    while (this.#running < atOnce && this.#queue.length > 0) void this.#run()
  }

  forget(object: KubeObject): void {
    if (this.#asked.size > 0) this.#asked.delete(refKey(refOf(object)))
  }

  async #run(): Promise<void> {
    this.#running++
    try {
      for (let ref = this.#queue.shift(); ref !== undefined && !this.#signal.aborted; ref = this.#queue.shift()) {
        const found = await this.#client.find(ref, { signal: this.#signal }).catch(() => undefined)
        if (found === undefined) continue
        this.#asked.set(refKey(ref), slim(found))
        this.#onFound()
      }
    } finally {
      this.#running--
    }
  }
}
