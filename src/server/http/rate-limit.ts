import { LRUCache } from 'lru-cache'
import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'

export interface RateLimit {
  /** Requests a second in the long run. */
  readonly perSecond: number
  /** Requests at once. */
  readonly burst: number
}

const keptBuckets = 20_000

/** A token bucket for each session, API token or address. */
export class RateLimiter {
  readonly #buckets = new LRUCache<string, { tokens: number; at: number }>({ max: keptBuckets })
  readonly #limit: RateLimit
  readonly #clock: Clock

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  /** Takes one; fails with E_REQUEST_LIMIT. */
  take(key: string): void {
    const now = this.#clock.monotonic()
    const { perSecond, burst } = this.#limit
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    this.#buckets.set(key, bucket)
    if (bucket.tokens < 1) {
      const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond))
      throw new SluiceError('E_REQUEST_LIMIT', { details: { retryAfterSeconds } })
    }
    bucket.tokens--
  }
}
