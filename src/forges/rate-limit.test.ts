import { describe, expect, it } from 'vitest'
import { rateLimitWait, retryAfter } from './rate-limit.ts'

const now = new Date('2026-01-01T00:00:00Z')
const wait = (status: number, headers: Record<string, string>, message = '') =>
  rateLimitWait({ status, headers, body: { message } }, now)?.ms

describe('the wait that a host asks for', () => {
  it.each([
    ['7', 7000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:30 GMT', 0],
    ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
    ['Thu Jan  1 00:00:30 2026', 30_000],
    ['1.5', 1500],
    ['soon', undefined],
    ['-5', undefined],
    ['1e9', undefined],
    ['315360000', 315_360_000_000],
    ['999999999999999999999', 3_153_600_000_000],
    ['Thu, 01 Jan 9999 00:00:00 GMT', 3_153_600_000_000],
    [undefined, undefined],
  ])('in Retry-After %j is %s ms', (value, ms) => expect(retryAfter(value, now)).toBe(ms))

  it('comes from the header, the limit of the hour, or the words of a secondary limit', () => {
    expect(wait(429, { 'retry-after': '7' })).toBe(7000)
    expect(wait(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1767225660' })).toBe(61_000)
    expect(wait(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' })).toBe(1000)
    expect(wait(403, {}, 'You have exceeded a secondary rate limit.')).toBe(60_000)
    expect(wait(429, {})).toBe(60_000)
    expect(wait(429, { 'ratelimit-remaining': '0', 'ratelimit-reset': '1767225660' })).toBe(61_000)
  })

  it('is none for other refusals', () => {
    expect(wait(403, { 'x-ratelimit-remaining': '4999' }, 'Must have admin rights')).toBeUndefined()
    expect(wait(401, { 'retry-after': '7' })).toBeUndefined()
    expect(wait(503, {})).toBeUndefined()
  })
})
