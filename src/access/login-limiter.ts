import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'

/** Failures that are free, then the wait doubles with each one. */
const freeFailures = 5
const firstWaitMs = 1000
const longestWaitMs = 15 * 60_000
/** An address may fail for more names than one: people behind one proxy share it. */
const addressFactor = 10
const keptEntries = 50_000

type Key = readonly [key: string, factor: number]

interface Failures {
  count: number
  until: number
}

/**
 * Slows down who guesses passwords: by address and name together, by name alone and by address alone, so that neither
 * many names from one place nor one name from many places goes on for long. Kept in memory, by each server.
 */
export class LoginLimiter {
  readonly #failures = new LRUCache<string, Failures>({ max: keptEntries, ttl: 60 * 60_000 })
  /** People who came in, by address: guesses at their name from elsewhere do not keep them out there. */
  readonly #known = new LRUCache<string, true>({ max: keptEntries, ttl: 30 * 24 * 60 * 60_000 })
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Begins a try: fails with E_SIGN_IN_LIMIT while there is a wait. It counts as a failure until {@link succeeded} takes that
   * back, so that tries at the same time do not all come before the first one has failed.
   */
  begin(address: string, name: string): void {
    this.check(address, name)
    this.failed(address, name)
  }
  /** Fails with E_SIGN_IN_LIMIT while there is a wait. */
  check(address: string, name: string): void {
    const now = this.#clock.monotonic()
    const [own, ofName, ofAddress] = this.#keys(address, name)
    const counted = this.#known.has(own[0]) ? [own, ofAddress] : [own, ofName, ofAddress]
    const wait = Math.max(...counted.map(([key]) => (this.#failures.get(key)?.until ?? 0) - now))
    if (wait <= 0) return
    const seconds = Math.ceil(wait / 1000)
    throw new SluiceError('E_SIGN_IN_LIMIT', {
      next: `Wait ${seconds} seconds, then try again.`,
      details: { retryAfterSeconds: seconds },
    })
  }

  failed(address: string, name: string): void {
    for (const [key, factor] of this.#keys(address, name)) {
      const entry = this.#failures.get(key) ?? { count: 0, until: 0 }
      entry.count++
      const over = Math.floor(entry.count - freeFailures * factor)
      if (over >= 0) {
        entry.until = this.#clock.monotonic() + Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(over, 20))
      }
      this.#failures.set(key, entry)
    }
  }

  /**
   * Ends a try that was right. What is about this person at this place is forgotten; of the rest only the try itself: others
   * may still be guessing.
   */
  succeeded(address: string, name: string): void {
    const [own, ...shared] = this.#keys(address, name)
    this.#failures.delete(own[0])
    for (const [key] of shared) {
      const entry = this.#failures.get(key)
      if (entry === undefined) continue
      entry.count--
      if (entry.count < freeFailures * addressFactor) entry.until = 0
    }
    this.#known.set(own[0], true)
  }

  #keys(address: string, name: string): readonly [own: Key, ofName: Key, ofAddress: Key] {
    const key = name.normalize('NFKC').toLowerCase().slice(0, 200)
    return [
      [JSON.stringify([address, key]), 1],
      [JSON.stringify(['*', key]), addressFactor],
      [JSON.stringify([address]), addressFactor],
    ]
  }
}
