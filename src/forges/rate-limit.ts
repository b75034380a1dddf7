import type { TransportAnswer } from './transport.ts'

/** A wait that a host asks for. */
export interface AskedWait {
  readonly ms: number
  readonly reason: string
}

/** The wait that an answer asks for; undefined when it asks for none. By GitHub's "Best practices for using the REST API". */
export function rateLimitWait(answer: TransportAnswer, now: Date): AskedWait | undefined {
  const { status, headers } = answer
  if (status !== 429 && status !== 403 && status !== 503) return undefined
  const asked = retryAfter(headers['retry-after'], now)
  if (asked !== undefined) return { ms: asked, reason: 'the host limits how fast requests may come' }
  if (status === 503) return undefined
  if (headers['x-ratelimit-remaining'] === '0') {
    const reset = Number(headers['x-ratelimit-reset']) * 1000
    // A second more: clocks differ. A reset in the past still gets a short wait, so that nobody hammers.
    const ms = Number.isFinite(reset) ? Math.max(1000, reset - now.getTime() + 1000) : 60_000
    return { ms, reason: 'the requests of this hour are used up' }
  }
  const message = (answer.body as { message?: unknown } | undefined)?.message
  const isSecondary = typeof message === 'string' && /secondary rate limit|abuse detection/i.test(message)
  return status === 429 || isSecondary
    ? { ms: 60_000, reason: 'the host limits how fast requests may come' }
    : undefined
}

/** Milliseconds of a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3); undefined when it is neither. */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}
