const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** How long in words of one unit, two where the first is small: `12 s`, `4 min`, `3 h 20 min`, `61 d`. */
export function lengthWords(ms: number): string {
  const span = Math.max(0, ms)
  if (span < second) return `${Math.round(span)} ms`
  if (span < minute) return `${Math.floor(span / second)} s`
  if (span < hour) return `${Math.floor(span / minute)} min`
  if (span < 6 * hour) {
    const minutes = Math.floor((span % hour) / minute)
    return `${Math.floor(span / hour)} h${minutes === 0 ? '' : ` ${minutes} min`}`
  }
  if (span < 2 * day) return `${Math.floor(span / hour)} h`
  return `${Math.floor(span / day)} d`
}

/** How long ago, or in how long: `just now`, `4 min ago`, `in 61 d`. */
export function relativeWords(at: number, now: number): string {
  const past = now - at
  // Clocks differ a little: what is a few seconds ahead happened now.
  if (past > -5 * second && past < 5 * second) return 'just now'
  return past >= 0 ? `${lengthWords(past)} ago` : `in ${lengthWords(-past)}`
}

/** When the words change next: the pause until then in milliseconds. */
export function nextChange(at: number, now: number): number {
  const distance = Math.abs(now - at)
  if (distance < minute) return second
  if (distance < 6 * hour) return 15 * second
  return 5 * minute
}

/** Now, moved on only when the words change; counted from `at`, so that they change when a minute or hour of it is full. */
export function steppedNow(at: number, now: number): number {
  const step = nextChange(at, now)
  return at + Math.floor((now - at) / step) * step
}

/** Milliseconds of a step: `0 ms`, `181 ms`, `2.4 s`, `1 min 12 s`. */
export function durationWords(ms: number): string {
  if (ms < second) return `${Math.round(ms)} ms`
  if (ms < 10 * second) return `${(ms / second).toFixed(1)} s`
  if (ms < minute) return `${Math.round(ms / second)} s`
  const seconds = Math.round((ms % minute) / second)
  return ms < hour ? `${Math.floor(ms / minute)} min ${seconds} s` : lengthWords(ms)
}
