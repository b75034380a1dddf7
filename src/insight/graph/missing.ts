import type { Clock } from '../../base/clock.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { type ObjectRef, refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { slim } from './slim.ts'

const atOnce = 4
const mostKept = 200
/** No watch tells of these objects: they are asked for again so often, in milliseconds. */
const againMs = 10_000

/**
 * Objects that an inventory names and no watch shows: they are asked for by name, once. One that is there after all, its
 * labels taken away, is kept until something is heard of it.
 */
export class MissingObjects {
  readonly #client: KubeClient
  readonly #signal: AbortSignal
  readonly #onFound: () => void
  readonly #clock: Clock
  readonly #asked = new Map<string, KubeObject | undefined>()
  readonly #refs = new Map<string, ObjectRef>()
  readonly #queue: ObjectRef[] = []
  #running = 0
  #waits = false

  constructor(client: KubeClient, clock: Clock, signal: AbortSignal, onFound: () => void) {
    this.#clock = clock
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
      this.#refs.set(key, ref)
      this.#queue.push(ref)
    }
    this.#start()
  }

  #start(): void {
    while (this.#running < atOnce && this.#queue.length > 0) void this.#run()
  }

  /** Asks again for all of them, after a while. */
  async #again(): Promise<void> {
    if (this.#waits || this.#asked.size === 0) return
    this.#waits = true
    try {
      await this.#clock.sleep(againMs, this.#signal)
    } catch {
      return
    } finally {
      this.#waits = false
    }
    for (const key of this.#refs.keys()) if (!this.#asked.has(key)) this.#refs.delete(key)
    this.#queue.push(...this.#refs.values())
    this.#start()
  }

  forget(object: KubeObject): void {
    if (this.#asked.size > 0) this.#asked.delete(refKey(refOf(object)))
  }

  async #run(): Promise<void> {
    this.#running++
    try {
      for (let ref = this.#queue.shift(); ref !== undefined && !this.#signal.aborted; ref = this.#queue.shift()) {
        const found = await this.#client.find(ref, { signal: this.#signal }).catch(() => undefined)
        const key = refKey(ref)
        // Forgotten meanwhile: a watch has it.
        if (!this.#asked.has(key)) continue
        const before = this.#asked.get(key)
        if (before?.metadata.resourceVersion === found?.metadata.resourceVersion) continue
        this.#asked.set(key, found && slim(found))
        this.#onFound()
      }
    } finally {
      this.#running--
      void this.#again()
    }
  }
}
