import type { EngineEvent } from '../../engine/events.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'

/** One line for an event of the engine: time, mark, object, what happened, how long it took. */
export function eventLine(event: EngineEvent, style: Style): string {
  const mark = event.severity === 'error' ? style.bad('✗') : style.good('●')
  const object = `${event.about.kind}/${event.about.namespace}/${event.about.name}`
  const took = event.durationMs === undefined ? '' : style.dim(` ${formatMs(event.durationMs)}`)
  const changes = changeSummary(event)
  const message = printable(event.message.split('\n')[0] ?? '').replace(
    /\bsha(?:1|256):([0-9a-f]{7})[0-9a-f]{33,57}\b/g,
    '$1',
  )
  return `${style.dim(clockTime(event.time))} ${mark} ${style.bold(object)} ${event.reason}: ${message}${changes}${took}`
}

/** `12:04:07.123`, local time. */
export function clockTime(time: Date): string {
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.${pad(time.getMilliseconds(), 3)}`
}

/** `0.4 ms`, `85 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function changeSummary({ changes = [] }: EngineEvent): string {
  const counts = (['created', 'configured', 'deleted'] as const)
    .map(action => [action, changes.filter(change => change.action === action).length] as const)
    .filter(([, count]) => count > 0)
    .map(([action, count]) => `${count} ${action}`)
  return counts.length === 0 ? '' : ` (${counts.join(', ')})`
}
