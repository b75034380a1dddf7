import type { Status } from './types.ts'

/** The wait that a server asks for, in milliseconds: Retry-After as seconds or as a date, or the Status' own field. */
export function retryAfterMs(header: string | undefined, status: Status | undefined, now: Date): number | undefined {
  const text = header?.trim()
  if (text !== undefined && text !== '') {
    if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000
    const date = Date.parse(text)
    if (!Number.isNaN(date)) return Math.max(0, date - now.getTime())
  }
  const seconds = status?.details?.retryAfterSeconds
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined
}
