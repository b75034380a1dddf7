/**
 * Durations as Go and the Flux CRDs write them: `1h30m`, `300ms`, `0.5s`.
 * Pattern of the Flux CRDs: `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`.
 */
const whole = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/
const part = /([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)/g
const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of a duration text, or undefined when it is not one or is beyond what a timer can hold (about 285 years are refused). */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64 || !whole.test(text)) return undefined
  let total = 0
  for (const [, number, unit] of text.matchAll(part)) total += Number(number) * unitMs[unit as keyof typeof unitMs]
  return total <= 9_000_000_000_000 ? total : undefined
}

/** A duration as Go prints it: `1h0m0s`, `1m30s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const total = Math.abs(ms)
  if (total < 1000) return `${sign}${trim(total)}ms`
  const hours = Math.floor(total / 3_600_000)
  const minutes = Math.floor((total % 3_600_000) / 60_000)
  const seconds = trim((total % 60_000) / 1000)
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}

function trim(value: number): string {
  return String(Number(value.toFixed(6)))
}
