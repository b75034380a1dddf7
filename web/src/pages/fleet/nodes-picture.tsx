import { cx } from '../../ui/class-names.ts'
import styles from './fleet.module.css'

const most = 24

/** One square for each machine: filled when Ready, an outline while it comes or goes. The numbers stand beside it. */
export function NodesPicture({ ready, current, wanted }: { ready: number; current: number; wanted: number }) {
  const all = Math.max(current, wanted)
  if (all > most) return null
  return (
    <span className={styles.picture} aria-hidden>
      {Array.from({ length: all }, (_, index) => (
        <span
          key={String(index)}
          className={cx(styles.node, index < ready ? styles.up : styles.coming, index >= wanted && styles.going)}
        />
      ))}
    </span>
  )
}
