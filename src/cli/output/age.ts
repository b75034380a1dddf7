/** How long ago, as kubectl shows ages: `45s`, `3m12s`, `47m`, `5h2m`, `31h`, `3d4h`, `12d`, `2y10d` (Go's duration.HumanDuration). */
export function formatAge(from: string | undefined, now: Date): string {
  if (from === undefined) return '<unknown>'
  const then = Date.parse(from)
  return Number.isNaN(then) ? '<invalid>' : humanDuration(now.getTime() - then)
}

export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return withRest(`${minutes}m`, seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return withRest(`${hours}h`, minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (days < 8) return withRest(`${days}d`, hours % 24, 'h')
  if (days < 365 * 2) return `${days}d`
  const years = Math.floor(days / 365)
  return years < 8 ? withRest(`${years}y`, days % 365, 'd') : `${years}y`
}

function withRest(text: string, rest: number, unit: string): string {
  return rest === 0 ? text : `${text}${rest}${unit}`
}
