import { describe, expect, it } from 'vitest'
import { expiryOf } from './expiry.ts'

const now = new Date('2026-05-01T12:00:00Z')

describe('the end of a credential', () => {
  it.each([
    ['2026-05-16T12:00:01Z', undefined, undefined],
    ['2026-05-15T12:00:00Z', 14, 'ends on 2026-05-15, in 14 days'],
    ['2026-05-08T12:00:01Z', 14, 'ends on 2026-05-08, in 7 days'],
    ['2026-05-08T12:00:00Z', 7, 'ends on 2026-05-08, in 7 days'],
    ['2026-05-04T11:00:00Z', 3, 'ends on 2026-05-04, in 2 days'],
    ['2026-05-02T12:00:00Z', 1, 'ends on 2026-05-02, in 1 day'],
    ['2026-05-01T13:00:00Z', 1, 'ends on 2026-05-01, in less than a day'],
    ['2026-05-01T12:00:00Z', 0, 'ended on 2026-05-01'],
    ['2026-04-01T12:00:00Z', 0, 'ended on 2026-04-01'],
  ])('%s', (at, threshold, warning) => expect(expiryOf(at, now)).toMatchObject({ threshold, warning }))

  it('is none when the text is no time', () => expect(expiryOf('soon', now)).toBeUndefined())
})
