import { parseDuration } from '../../base/duration.ts'
import { StepFailure } from '../failure.ts'
import type { SourceObject } from './sources.ts'

/** Interval and timeout of a source, in milliseconds. */
export interface SourceTiming {
  /** The interval; one minute when it is absent or no duration. */
  readonly intervalOrDefault: number
  /** Both, or a StepFailure that stalls the object for a text that is no duration. */
  checked(): { readonly intervalMs: number; readonly timeoutMs: number }
}

const minute = 60_000

/** Reads the durations of a source. */
export function timingOf(object: SourceObject): SourceTiming {
  const spec = (object['spec'] ?? {}) as { readonly interval?: string; readonly timeout?: string }
  const read = (field: 'interval' | 'timeout'): number => {
    const text = spec[field]
    if (text === undefined || text === '') return minute
    const ms = parseDuration(text)
    if (ms !== undefined) return Math.max(1000, ms)
    throw new StepFailure(
      'InvalidInterval',
      `spec.${field} is not a duration: expected one such as 1m or 1h30m, below 285 years, seen ${JSON.stringify(text)}`,
      { stalled: true },
    )
  }
  return {
    intervalOrDefault: Math.max(1000, parseDuration(spec.interval ?? '') ?? minute),
    checked: () => ({ intervalMs: read('interval'), timeoutMs: Math.min(2_000_000_000, read('timeout')) }),
  }
}
