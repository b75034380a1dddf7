import type { Clock } from '../../base/clock.ts'
import { Lines, type Priority } from './lines.ts'
import { Slots } from './slots.ts'
import { Timers } from './timers.ts'

/** What a handler says when it is done with a key. */
export interface WorkResult {
  /** Look at the key again after this many milliseconds; never by itself when absent. */
  readonly requeueAfterMs?: number
}

/** What a handler is given beside the key. */
export interface WorkContext<R> {
  /** Why the key was queued, each reason once. */
  readonly reasons: ReadonlySet<R>
  /** Aborted when the queue closes or gives the key up: nothing new is begun and no wait goes on, but a step under way may finish. */
  readonly closing: AbortSignal
  /** Aborted when a closing queue waits no longer, and at once when the key is given up. */
  readonly signal: AbortSignal
  /**
   * Gives the worker slot back while `work` waits for something outside, and takes one again before going on.
   * The key stays in flight, so that nobody else works on it.
   */
  park<T>(work: () => Promise<T>): Promise<T>
  /** Calls back for each reason added while the key is in flight (the key also runs again afterwards). */
  onWake(listener: (reason: R) => void): () => void
}

export interface WorkQueueOptions<R> {
  /** How many keys are worked on at once; parked ones do not count. */
  readonly concurrency: number
  readonly clock: Clock
  /** Does the work of one key. A rejection counts as a bug: it is reported and the key is tried again after `retryMs`. */
  readonly handle: (key: string, context: WorkContext<R>) => Promise<WorkResult>
  /** Told of each rejection of `handle`. */
  readonly onError: (key: string, error: unknown) => void
  /** Wait after a rejection, by the number of rejections in a row (1 is the first), in milliseconds. */
  readonly retryMs: (failures: number) => number
  /** The reason of runs that come from `requeueAfterMs` or from a rejection. */
  readonly requeueReason: R
  /** Told of what happens, for metrics. */
  readonly observer?: QueueObserver
}

/** Told of what happens in a queue; must not throw. */
export interface QueueObserver {
  /** The number of waiting keys has changed. */
  depth(keys: number): void
  /** A key was queued. */
  added(): void
  /** A key is worked on after so many milliseconds of waiting. */
  started(waitedMs: number): void
  /** The work on a key ended after so many milliseconds; `threw`: it was a bug, and is tried again. */
  ended(tookMs: number, threw: boolean): void
}

interface Pending<R> {
  readonly reasons: Set<R>
  /** When it was queued, on the monotonic clock. */
  readonly since: number
}

interface Running<R> {
  readonly priority: Priority
  readonly again: Set<R>
  againPriority: Priority
  readonly listeners: Set<(reason: R) => void>
  readonly closing: AbortController
  readonly stop: AbortController
}

/** Every so many picks one goes to the longest waiting key whatever its priority: routine work is slow, never starved. */
const fairEvery = 8

/** Routine work under way at once while urgent work is: it must not slow down what somebody waits for. */
const routineBesideUrgent = 2

/**
 * Keys to work on: each at most once in the queue and at most once in flight, urgent ones first, first come first served
 * among equals. Reasons given while a key is queued or in flight are merged into one later run.
 */
export class WorkQueue<R> {
  readonly #options: WorkQueueOptions<R>
  readonly #waiting = new Lines<Pending<R>>()
  readonly #running = new Map<string, Running<R>>()
  readonly #failures = new Map<string, number>()
  readonly #timers: Timers<string>
  readonly #slots: Slots
  readonly #closing = new AbortController()
  readonly #idle: (() => void)[] = []
  #picks = 0
  /** Keys being worked on and not parked: urgent ones (0 and 1), and routine ones (2). */
  readonly #active = { urgent: 0, routine: 0 }

  constructor(options: WorkQueueOptions<R>) {
    this.#options = options
    this.#timers = new Timers(options.clock)
    this.#slots = new Slots(options.concurrency, () => this.#fill())
  }

  /** Queues a key now. */
  add(key: string, reason: R, priority: Priority = 1): void {
    if (this.#closing.signal.aborted) return
    const running = this.#running.get(key)
    if (running !== undefined) {
      running.again.add(reason)
      if (priority < running.againPriority) running.againPriority = priority
      for (const listener of [...running.listeners]) listener(reason)
      return
    }
    const pending = this.#waiting.get(key)
    if (pending === undefined) this.#queue(key, reason, priority)
    else {
      pending.reasons.add(reason)
      this.#waiting.raise(key, priority)
    }
    this.#options.observer?.depth(this.#waiting.size)
    this.#fill()
  }

  /** Queues a key after `ms` milliseconds; an earlier alarm of the key stays. */
  addAfter(key: string, reason: R, ms: number, priority: Priority = 2): void {
    if (this.#closing.signal.aborted) return
    this.#timers.set(key, ms, () => this.add(key, reason, priority))
  }

  /** Forgets a key that no longer exists: its alarm, its place in the queue and its failures. */
  forget(key: string): void {
    this.#timers.clear(key)
    this.#waiting.delete(key)
    this.#failures.delete(key)
  }

  /** Gives up a key that is somebody else's from now on: work on it that is under way is ended at once. */
  giveUp(key: string): void {
    this.forget(key)
    const running = this.#running.get(key)
    if (running === undefined) return
    running.again.clear()
    const reason = new DOMException('the object is left to another engine', 'AbortError')
    running.closing.abort(reason)
    running.stop.abort(reason)
  }

  /** Keys waiting for a worker. */
  get depth(): number {
    return this.#waiting.size
  }

  /** Keys being worked on, parked ones included. */
  get inFlight(): number {
    return this.#running.size
  }

  /** Whether keys wait for a worker or are being worked on; parked ones do not count. */
  get busy(): boolean {
    return this.#waiting.size > 0 || this.#active.urgent + this.#active.routine > 0
  }

  /** Whether something more urgent than routine work is in flight, parked or not. */
  get urgentInFlight(): boolean {
    for (const { priority } of this.#running.values()) if (priority < 2) return true
    return false
  }

  /** Stops taking work and ends waits; what is under way may go on for `graceMs`. Resolves when nothing is in flight. */
  async close(graceMs = 5000): Promise<void> {
    this.#closing.abort(new DOMException('the queue is closing', 'AbortError'))
    for (const { closing } of this.#running.values()) closing.abort(this.#closing.signal.reason)
    this.#timers.clearAll()
    this.#waiting.clear()
    if (this.#running.size === 0) return
    const idle = new Promise<void>(resolve => this.#idle.push(resolve))
    const timer = new AbortController()
    this.#options.clock.sleep(graceMs, timer.signal).then(
      () => {
        for (const { stop } of this.#running.values()) stop.abort(this.#closing.signal.reason)
      },
      () => undefined,
    )
    await idle
    timer.abort()
  }

  #queue(key: string, reason: R, priority: Priority): void {
    this.#waiting.add(key, priority, { reasons: new Set([reason]), since: this.#options.clock.monotonic() })
    this.#options.observer?.added()
  }

  #fill(): void {
    while (this.#waiting.size > 0 && this.#slots.free && !this.#closing.signal.aborted) {
      const priority = this.#pick()
      if (priority === undefined || !this.#slots.tryTake()) return
      const [key, pending] = this.#waiting.take(priority)
      this.#options.observer?.depth(this.#waiting.size)
      this.#options.observer?.started(this.#options.clock.monotonic() - pending.since)
      this.#timers.clear(key)
      void this.#run(key, pending.reasons, priority)
    }
  }

  /** The priority to work on next; undefined when all that waits is routine and has to wait for urgent work. */
  #pick(): Priority | undefined {
    const best = this.#waiting.best()
    if (best === undefined || best === 0) return best
    if (best === 2 && this.#active.urgent > 0 && this.#active.routine >= routineBesideUrgent) return undefined
    return ++this.#picks % fairEvery === 0 ? this.#waiting.longest((a, b) => a.since - b.since) : best
  }

  async #park<T>(priority: Priority, work: () => Promise<T>): Promise<T> {
    this.#count(priority, -1)
    try {
      return await this.#slots.lend(work)
    } finally {
      this.#count(priority, 1)
    }
  }

  #count(priority: Priority, by: 1 | -1): void {
    if (priority === 2) this.#active.routine += by
    else this.#active.urgent += by
  }

  async #run(key: string, reasons: Set<R>, priority: Priority): Promise<void> {
    const running: Running<R> = {
      priority,
      again: new Set(),
      againPriority: 2,
      listeners: new Set(),
      closing: new AbortController(),
      stop: new AbortController(),
    }
    this.#running.set(key, running)
    this.#count(priority, 1)
    const context: WorkContext<R> = {
      reasons,
      closing: running.closing.signal,
      signal: running.stop.signal,
      park: work => this.#park(priority, work),
      onWake: listener => {
        running.listeners.add(listener)
        return () => running.listeners.delete(listener)
      },
    }
    let requeueAfterMs: number | undefined
    let threw = false
    const left = running.closing.signal
    const started = this.#options.clock.monotonic()
    try {
      const result = await this.#options.handle(key, context)
      if (!left.aborted) requeueAfterMs = result.requeueAfterMs
      this.#failures.delete(key)
    } catch (error) {
      // What ends because it was told to is no failure.
      if (!left.aborted) {
        const failures = (this.#failures.get(key) ?? 0) + 1
        this.#failures.set(key, failures)
        requeueAfterMs = this.#options.retryMs(failures)
        threw = true
        this.#options.onError(key, error)
      }
    }
    this.#options.observer?.ended(this.#options.clock.monotonic() - started, threw)
    this.#running.delete(key)
    this.#count(priority, -1)
    for (const reason of running.again) this.add(key, reason, running.againPriority)
    // The alarm is only for a key that is not queued again already: that run sets its own.
    if (requeueAfterMs !== undefined && running.again.size === 0) {
      this.addAfter(key, this.#options.requeueReason, requeueAfterMs)
    }
    this.#slots.give()
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
