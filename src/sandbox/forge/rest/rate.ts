import type { Caller } from '../caller.ts'
import type { ForgeContext } from '../context.ts'

/** Where a caller stands in this hour. */
export interface Rate {
  readonly limit: number
  readonly used: number
  readonly remaining: number
  /** Seconds since the epoch. */
  readonly reset: number
  readonly exceeded: boolean
}

interface Hour {
  used: number
  /** Milliseconds since the epoch. */
  reset: number
}

const hours = new WeakMap<ForgeContext, Map<number, Hour>>()

/** GitHub's limits for an hour: of an account, and of everybody without one. */
const limits = { known: 5000, anonymous: 60 * 50 }

/** Counts a request; looking at the limit itself costs nothing. */
export function countRequest(context: ForgeContext, caller: Caller, path: string): Rate {
  let known = hours.get(context)
  if (!known) {
    known = new Map()
    hours.set(context, known)
  }
  const now = context.clock.now().getTime()
  const key = caller.kind === 'known' ? caller.user.id : 0
  let hour = known.get(key)
  if (!hour || hour.reset <= now) {
    hour = { used: 0, reset: now + 3_600_000 }
    known.set(key, hour)
  }
  const limit = caller.kind === 'known' ? limits.known : limits.anonymous
  if (path !== '/api/v3/rate_limit') hour.used++
  const used = Math.min(hour.used, limit)
  return { limit, used, remaining: limit - used, reset: Math.ceil(hour.reset / 1000), exceeded: hour.used > limit }
}
