import { useSyncExternalStore } from 'react'
import styles from './time.module.css'
import { lengthWords, relativeWords, steppedNow } from './time-words.ts'

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** One clock for all times on the page: it ticks once a second while any is shown, and rests in a hidden tab. */
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let now = Date.now()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    if (document.hidden) return
    now = Date.now()
    for (const tell of listeners) tell()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Now, in steps no finer than `at` needs. */
function useNow(at: number): number {
  return useSyncExternalStore(subscribe, () => steppedNow(at, now))
}

/** How long ago, kept right as time goes; the exact time on hover. */
export function RelativeTime({ at }: { at: string | number }) {
  const time = typeof at === 'number' ? at : Date.parse(at)
  const current = useNow(time)
  if (Number.isNaN(time)) return <span className={styles.time}>unknown</span>
  const words = relativeWords(time, current)
  return (
    <time className={styles.time} dateTime={new Date(time).toISOString()} title={absolute.format(time)}>
      {words}
    </time>
  )
}

/** How old, for a column: `4 min`. */
export function Age({ since }: { since: string | number }) {
  const time = typeof since === 'number' ? since : Date.parse(since)
  const current = useNow(time)
  if (Number.isNaN(time)) return <span className={styles.time}>–</span>
  return (
    <time className={styles.time} dateTime={new Date(time).toISOString()} title={absolute.format(time)}>
      {lengthWords(Math.max(1_000, current - time))}
    </time>
  )
}

/** The exact time. */
export function ExactTime({ at }: { at: string | number }) {
  const time = typeof at === 'number' ? at : Date.parse(at)
  if (Number.isNaN(time)) return <span>unknown</span>
  return (
    <time className={styles.time} dateTime={new Date(time).toISOString()}>
      {absolute.format(time)}
    </time>
  )
}
