import { Cron } from 'croner'
import { parseDuration } from '../../../base/duration.ts'

/** Short forms of robfig/cron, the parser of Kubernetes, as the five fields that they stand for. */
const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** When a schedule fires. */
export interface Schedule {
  /** The first time after a moment; undefined when there is none (30 February). */
  next(after: Date): Date | undefined
}

/**
 * Reads a schedule as Kubernetes does, in a time zone or in UTC, the zone of a controller in a container.
 * Undefined for one that cannot be read; the API server refuses those.
 */
export function parseSchedule(schedule: string, timeZone?: string): Schedule | undefined {
  const prefix = /^(?:TZ|CRON_TZ)=(\S+)\s+/.exec(schedule)
  const zone = timeZone ?? prefix?.[1] ?? 'UTC'
  const text = prefix ? schedule.slice(prefix[0].length) : schedule
  const every = /^@every (.+)$/.exec(text)
  if (every) {
    // robfig/cron rounds to whole seconds, and one is the least.
    const ms = parseDuration(every[1] ?? '')
    if (ms === undefined) return undefined
    const step = Math.max(1000, Math.floor(ms / 1000) * 1000)
    return { next: after => new Date(Math.floor(after.getTime() / 1000) * 1000 + step) }
  }
  try {
    const pattern = new Cron(descriptors[text] ?? text.replaceAll('?', '*'), { timezone: zone, mode: '5-part' })
    return { next: after => pattern.nextRun(after) ?? undefined }
  } catch {
    return undefined
  }
}

/** Most times that are looked through for what was missed: beyond, only the latest counts anyway. */
const mostMissed = 100

/** The latest time that is due: after `since`, not after `now`; undefined when none is. */
export function latestDue(schedule: Schedule, since: Date, now: Date): Date | undefined {
  let latest: Date | undefined
  let from = since
  for (let i = 0; i < mostMissed; i++) {
    const next = schedule.next(from)
    if (!next || next > now) return latest
    latest = next
    from = next
  }
  // Very many were missed: go on from just before now, in steps that grow.
  for (let back = 60_000; back <= now.getTime() - from.getTime(); back *= 2) {
    const near = schedule.next(new Date(now.getTime() - back))
    if (near && near <= now) return latestDue(schedule, new Date(now.getTime() - back), now) ?? near
  }
  return latest
}
