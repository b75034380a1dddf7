import type { ReactNode } from 'react'
import styles from './action-bar.module.css'

/** What a long form comes down to, always in sight: where one stands, and what can be done. */
export function ActionBar({ children }: { children: ReactNode }) {
  return <div className={styles.bar}>{children}</div>
}
