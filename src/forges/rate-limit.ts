import { messageOf } from './message.ts'
import type { TransportAnswer } from './transport.ts'

/** A wait that a host asks for. */
export interface AskedWait {
  readonly ms: number
  readonly reason: string
}

/** A hundred years: beyond it a wait cannot be told as a date, and nobody means it. */
const absurdMs = 100 * 365 * 24 * 3_600_000

const tooFast = 'the host limits how fast requests may come'

/**
 * The wait that an answer asks for; undefined when it asks for none. By GitHub's "Best practices for using the REST API",
 * GitLab's "Rate limits" and RFC 9110.
 */
export function rateLimitWait(answer: TransportAnswer, now: Date): AskedWait | undefined {
  const { status, headers } = answer
  if (status !== 429 && status !== 403 && status !== 503) return undefined
  const asked = retryAfter(headers['retry-after'], now)
  if (asked !== undefined) return { ms: asked, reason: tooFast }
  if (status === 503) return undefined
  // GitHub and Azure DevOps write X-RateLimit-…, GitLab RateLimit-….
  const remaining = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining']
  if (remaining === '0') {
    const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']) * 1000
    // A second more: clocks differ. A reset in the past still gets a short wait, so that nobody hammers.
    const ms = Number.isFinite(reset) ? Math.max(1000, reset - now.getTime() + 1000) : 60_000
    return { ms, reason: 'the requests of this hour are used up' }
  }
  const isSecondary = /secondary rate limit|abuse detection/i.test(messageOf(answer.body))
  return status === 429 || isSecondary ? { ms: 60_000, reason: tooFast } : undefined
}

/**
 * Milliseconds of a Retry-After header: seconds, or an HTTP date in one of its three forms (RFC 9110, 5.6.7 and 10.2.3);
 * undefined when it is neither.
 */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d{1,30}(?:\.\d{1,30})?$/.test(text)) return Math.min(absurdMs, Math.ceil(Number(text) * 1000))
  const date = httpDate(text)
  return date === undefined ? undefined : Math.min(absurdMs, Math.max(0, date - now.getTime()))
}

/** Epoch milliseconds of `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`. */
function httpDate(text: string): number | undefined {
  const asctime = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})$/.exec(text)
  const old = /^[A-Z][a-z]+, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d:\d\d:\d\d) GMT$/.exec(text)
  const normal = asctime
    ? `${asctime[2]} ${asctime[1]} ${asctime[4]} ${asctime[3]} GMT`
    : old
      ? // Two digits of a year are of this century: no host asks to wait since the last one.
        `${old[1]} ${old[2]} 20${old[3]} ${old[4]} GMT`
      : text
  const date = /[a-z]/i.test(normal) ? Date.parse(normal) : Number.NaN
  return Number.isNaN(date) ? undefined : date
}
