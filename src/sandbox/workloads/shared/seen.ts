import type { Clock } from '../../../base/clock.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Informer } from '../../../kube/watch/index.ts'
import { compareVersions } from '../../../kube/watch/object-store.ts'

/** How long the cache is waited for; after that work goes on, and the watch brings the next look. */
const patienceMs = 10_000

/**
 * Waits until a cache has seen what was written. This is what kube-controller-manager's expectations are for: a
 * controller that looks at a cache from before its own write would make the same thing twice.
 */
export class Seen {
  readonly #informer: Informer
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #waiters = new Set<() => void>()
  #due = false

  constructor(informer: Informer, clock: Clock, signal: AbortSignal) {
    this.#informer = informer
    this.#clock = clock
    this.#signal = signal
    informer.subscribe(() => this.wake())
  }

  /** Resolves when the cache holds this version of the object or has gone past it. */
  version(written: KubeObject): Promise<void> {
    const { namespace = '', name = '', uid, resourceVersion } = written.metadata
    const reached = (seen: string | undefined) => seen !== undefined && compareVersions(seen, resourceVersion) >= 0
    return this.#until(() => {
      const cached = this.#informer.get(namespace, name)
      if (cached?.metadata.uid === uid && reached(cached?.metadata.resourceVersion)) return true
      return reached(this.#informer.resourceVersion)
    })
  }

  /** Resolves when the cache knows that the object is gone or marked for deletion. */
  deletion({ metadata }: KubeObject): Promise<void> {
    return this.#until(() => {
      const cached = this.#informer.get(metadata.namespace ?? '', metadata.name ?? '')
      return cached?.metadata.uid !== metadata.uid || cached?.metadata.deletionTimestamp !== undefined
    })
  }

  #until(done: () => boolean): Promise<void> {
    if (done() || this.#signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const end = new AbortController()
      const finish = () => {
        this.#waiters.delete(look)
        end.abort()
        resolve()
      }
      const look = () => {
        if (this.#signal.aborted || done()) finish()
      }
      this.#waiters.add(look)
      this.#clock.sleep(patienceMs, end.signal).then(finish, () => undefined)
    })
  }

  /** Looks again: after a change of the cache, and when the signal has ended all waiting. */
  wake(): void {
    // The informer sets its version when all listeners have been told, so the look comes a moment later.
    if (this.#due || this.#waiters.size === 0) return
    this.#due = true
    queueMicrotask(() => {
      this.#due = false
      for (const look of [...this.#waiters]) look()
    })
  }
}
