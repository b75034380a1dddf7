import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latestDue, parseSchedule } from './schedule.ts'

const next = (schedule: string, after: string, zone?: string) =>
  parseSchedule(schedule, zone)?.next(new Date(after))?.toISOString()

describe('a cron schedule', () => {
  it.each([
    ['*/5 * * * *', '2026-01-01T00:04:59Z', '2026-01-01T00:05:00.000Z'],
    ['*/5 * * * *', '2026-01-01T00:05:00Z', '2026-01-01T00:10:00.000Z'],
    ['@daily', '2026-01-01T12:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['@weekly', '2026-01-01T12:00:00Z', '2026-01-04T00:00:00.000Z'],
    ['0 9 * * MON-FRI', '2026-01-02T10:00:00Z', '2026-01-05T09:00:00.000Z'],
    ['0 0 ? * ?', '2026-01-01T12:00:00Z', '2026-01-02T00:00:00.000Z'],
    // Both days are given: either of them will do, as in every cron.
    ['0 0 13 * 5', '2026-01-02T12:00:00Z', '2026-01-09T00:00:00.000Z'],
    ['@every 90s', '2026-01-01T00:00:00Z', '2026-01-01T00:01:30.000Z'],
    ['TZ=Europe/Berlin 0 8 * * *', '2026-01-01T12:00:00Z', '2026-01-02T07:00:00.000Z'],
  ])('%s after %s fires at %s', (schedule, after, at) => expect(next(schedule, after)).toBe(at))

  it('follows its time zone through the change of clocks', () => {
    expect(next('30 8 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T06:30:00.000Z')
  })

  it('that never fires has no next time, and one that cannot be read is none', () => {
    expect(next('0 0 30 2 *', '2026-01-01T00:00:00Z')).toBeUndefined()
    expect(parseSchedule('every day')).toBeUndefined()
  })

  it('finds the latest time that is due, however many were missed', () => {
    const schedule = parseSchedule('*/5 * * * *')!
    const late = (since: string, now: string) => latestDue(schedule, new Date(since), new Date(now))?.toISOString()
    expect(late('2026-01-01T00:01:00Z', '2026-01-01T00:04:00Z')).toBeUndefined()
    expect(late('2026-01-01T00:01:00Z', '2026-01-01T00:16:00Z')).toBe('2026-01-01T00:15:00.000Z')
    expect(late('2020-01-01T00:01:00Z', '2026-01-01T00:16:00Z')).toBe('2026-01-01T00:15:00.000Z')
  })

  it('is due at no later time than now and at none that is earlier than another due time', () => {
    const schedule = parseSchedule('*/7 * * * *')!
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000_000 }), fc.integer({ min: 0, max: 5_000_000 }), (from, length) => {
        const since = new Date(Date.UTC(2026, 0, 1) + from * 1000)
        const now = new Date(since.getTime() + length * 1000)
        const due = latestDue(schedule, since, now)
        const following = schedule.next(due ?? since)
        expect(following! > now).toBe(true)
        if (due) expect(due > since && due <= now).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})
