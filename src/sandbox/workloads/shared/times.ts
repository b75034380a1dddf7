/** A time as the API writes it: RFC 3339 in UTC with whole seconds (metav1.Time). */
export function apiTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

/** Milliseconds since 1970 of an API time; undefined when there is none. */
export function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
