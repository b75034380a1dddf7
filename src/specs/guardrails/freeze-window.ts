import { Cron } from 'croner'
import { parseDuration } from '../../base/duration.ts'
import type { FieldError } from '../../kube/field-error.ts'
import { invalid, required } from '../../kube/field-errors.ts'
import type { FreezeSpec } from './guardrails-schema.ts'

/** A window in which nothing is changed. */
export interface FreezeWindow {
  readonly reason: string | undefined
  /** When the window that holds this moment ends; undefined when the moment is in none. */
  endAt(now: Date): Date | undefined
}

const longestMs = 31 * 24 * 3_600_000
/** A window every minute that lasts 31 days would be looked through for long. */
const mostOverlaps = 100
const localTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?$/

/** Reads a window, or says what is wrong with it. `field` is its path. */
export function readFreezeWindow(spec: FreezeSpec, field: string): FreezeWindow | readonly FieldError[] {
  const zone = spec.timeZone ?? 'UTC'
  if (!isTimeZone(zone)) return [invalid(`${field}.timeZone`, zone, 'expected an IANA time zone, as in Europe/Berlin')]
  const once = spec.from !== undefined || spec.until !== undefined
  const again = spec.cron !== undefined || spec.for !== undefined
  if (once && again) return [invalid(field, undefined, 'from and until, or cron and for: not both')]
  if (again) return readRecurring(spec, zone, field)
  return once ? readSingle(spec, zone, field) : [required(field, 'from and until, or cron and for')]
}

function readSingle(spec: FreezeSpec, zone: string, field: string): FreezeWindow | readonly FieldError[] {
  const errors: FieldError[] = []
  const [from, until] = (['from', 'until'] as const).map(name => {
    const text = spec[name]
    const time = text === undefined ? undefined : readLocalTime(text, zone)
    if (text === undefined) errors.push(required(`${field}.${name}`))
    else if (!time) errors.push(invalid(`${field}.${name}`, text, 'expected a local time, as in 2026-12-19T08:00'))
    return time
  })
  if (!from || !until) return errors
  if (until <= from) return [invalid(`${field}.until`, spec.until, `must be after ${spec.from}`)]
  return { reason: spec.reason, endAt: now => (now >= from && now < until ? until : undefined) }
}

function readRecurring(spec: FreezeSpec, zone: string, field: string): FreezeWindow | readonly FieldError[] {
  if (spec.cron === undefined) return [required(`${field}.cron`)]
  if (spec.for === undefined) return [required(`${field}.for`)]
  const ms = parseDuration(spec.for)
  if (ms === undefined || ms <= 0 || ms > longestMs)
    return [invalid(`${field}.for`, spec.for, 'expected a duration of at most 744h, as in 61h or 30m')]
  let pattern: Cron
  try {
    pattern = new Cron(spec.cron, { timezone: zone, mode: '5-part' })
  } catch {
    return [invalid(`${field}.cron`, spec.cron, 'expected five fields: minute, hour, day, month, day of the week')]
  }
  if (pattern.nextRun() === null) return [invalid(`${field}.cron`, spec.cron, 'never comes')]
  return {
    reason: spec.reason,
    endAt: now => {
      // Beginnings that still last, from the earliest; where windows overlap, the last one says when it is over.
      let end: Date | undefined
      let begin = pattern.nextRun(new Date(now.getTime() - ms))
      for (let steps = 0; begin && begin <= now && steps < mostOverlaps; steps++) {
        end = new Date(begin.getTime() + ms)
        begin = pattern.nextRun(begin)
      }
      return end
    },
  }
}

/** The moment of a local time in a zone; one that a change of clocks leaves out is moved to after it. */
function readLocalTime(text: string, zone: string): Date | undefined {
  if (!localTime.test(text)) return undefined
  const full = text.length === 10 ? `${text}T00:00:00` : text.length === 16 ? `${text}:00` : text
  if (Number.isNaN(Date.parse(`${full}Z`)) || new Date(`${full}Z`).toISOString().slice(0, 10) !== full.slice(0, 10))
    return undefined
  try {
    return new Cron(full, { timezone: zone }).nextRun(new Date(0)) ?? undefined
  } catch {
    return undefined
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
