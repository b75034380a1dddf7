import fc from 'fast-check'
import { expect, it } from 'vitest'
import { durationWords, lengthWords, relativeWords, steppedNow } from './time-words.ts'

const [s, min, h, d] = [1_000, 60_000, 3_600_000, 86_400_000] as const

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [12 * s, '12 s'],
  [59.9 * s, '59 s'],
  [4 * min + 59 * s, '4 min'],
  [3 * h, '3 h'],
  [3 * h + 20 * min, '3 h 20 min'],
  [30 * h, '30 h'],
  [61 * d + 5 * h, '61 d'],
])('says %d ms as %s', (ms, words) => expect(lengthWords(ms)).toBe(words))

it('looks back and ahead', () => {
  expect(relativeWords(0, 4 * min)).toBe('4 min ago')
  expect(relativeWords(61 * d, 0)).toBe('in 61 d')
})

it('takes a clock that is a little ahead for now', () => expect(relativeWords(3 * s, 0)).toBe('just now'))

it.each([
  [0.4, '0 ms'],
  [181, '181 ms'],
  [2_430, '2.4 s'],
  [42_000, '42 s'],
  [72_000, '1 min 12 s'],
])('says a step of %d ms as %s', (ms, words) => expect(durationWords(ms)).toBe(words))

it('never says a negative length or more than two units', () => {
  fc.assert(
    fc.property(fc.integer({ min: -d, max: 1000 * d }), ms => {
      expect(lengthWords(ms)).toMatch(/^\d+ (ms|s|min|h|d)( \d+ min)?$/)
    }),
  )
})

it('never says of what is older that it is younger', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 * h }), ms => {
      const now = 1_700_000_000_123
      const words = relativeWords(now - ms, steppedNow(now - ms, now))
      if (ms >= min) expect(words).not.toMatch(/ s ago|just now/)
      else expect(words).not.toMatch(/min/)
    }),
  )
})
