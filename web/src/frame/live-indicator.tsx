import { RefreshCwOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useLiveStatus } from '../data/resource.ts'
import styles from './top-bar.module.css'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** Says when the pages are not kept current, and from when what they show is. Short cuts are not worth a word. */
export function LiveIndicator() {
  const { state, since } = useLiveStatus()
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (state !== 'down') return setShown(false)
    const timer = setTimeout(() => setShown(true), 3_000)
    return () => clearTimeout(timer)
  }, [state])
  return (
    <span role="status" className={styles.live}>
      {shown && (
        <>
          <RefreshCwOff size={14} aria-hidden />
          Live updates paused, data from {clock.format(since)}
        </>
      )}
    </span>
  )
}
