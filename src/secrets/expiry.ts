/** On a Secret with a credential: when it ends, ISO 8601. Written by bootstrap and rotation, read by the engine and `get`. */
export const expiresAnnotation = 'sluice.dev/credential-expires'

/** On the same Secret: the end and the threshold that a warning was given for last, so that each is given once. */
export const expiryToldAnnotation = 'sluice.dev/credential-expiry-told'

/** Whole days before the end at which a warning is given; 0 is the end itself. */
export const expiryThresholds = [14, 7, 3, 1, 0] as const

/** An end within so many days is worth a warning in lists. */
export const expiryWarnDays = 14

const dayMs = 86_400_000

/** How far the end of a credential is. */
export interface Expiry {
  /** ISO 8601. */
  readonly at: string
  /** Whole days left; negative when it has passed. */
  readonly days: number
  /** The smallest threshold that is reached; undefined when the end is far. */
  readonly threshold: number | undefined
  /** A phrase: `ends on 2026-05-04, in 3 days`; undefined when the end is far. */
  readonly warning: string | undefined
}

/** Judges an end; undefined for a text that is no time. */
export function expiryOf(at: string, now: Date): Expiry | undefined {
  const end = Date.parse(at)
  if (Number.isNaN(end)) return undefined
  const left = end - now.getTime()
  const days = Math.floor(left / dayMs)
  const reached = expiryThresholds.filter(threshold => left <= threshold * dayMs)
  const threshold = reached.length === 0 ? undefined : Math.min(...reached)
  const day = new Date(end).toISOString().slice(0, 10)
  const warning =
    threshold === undefined
      ? undefined
      : left <= 0
        ? `ended on ${day}`
        : `ends on ${day}, in ${days === 0 ? 'less than a day' : `${days} ${days === 1 ? 'day' : 'days'}`}`
  return { at, days, threshold, warning }
}
