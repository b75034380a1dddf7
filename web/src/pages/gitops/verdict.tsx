import type { ReactNode } from 'react'
import { type State, StateIcon } from '../../ui/state.tsx'
import styles from './gitops.module.css'

/** The one sentence that says how something stands. */
export function Verdict({ state, children }: { state: State; children: ReactNode }) {
  return (
    <div className={styles.verdict} data-state={state} role="status">
      <StateIcon state={state} />
      <p>{children}</p>
    </div>
  )
}
