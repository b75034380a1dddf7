import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

describe('durations', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['300ms', 300],
    ['0.5s', 500],
    ['1m0s', 60_000],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it.each(['', '5', '-1s', '1d', '1h 30m', 's', '1000000000h', `${'1s'.repeat(40)}`])('refuses %j', text =>
    expect(parseDuration(text)).toBeUndefined(),
  )

  it.each([
    [0, '0s'],
    [250, '250ms'],
    [1500, '1.5s'],
    [90_000, '1m30s'],
    [3_600_000, '1h0m0s'],
  ])('writes %d ms as Go does', (ms, text) => expect(formatDuration(ms)).toBe(text))

  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 11 }), ms => parseDuration(formatDuration(ms)) === ms))
  })
})
