import { CircleCheck, CirclePause, CircleX, LoaderCircle, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './class-names.ts'
import styles from './state.module.css'
import type { State } from './state-order.ts'

export { type State, stateOrder } from './state-order.ts'

const looks: Readonly<Record<State, { readonly icon: LucideIcon; readonly word: string }>> = {
  agreed: { icon: CircleCheck, word: 'In agreement' },
  moving: { icon: LoaderCircle, word: 'Moving' },
  attention: { icon: TriangleAlert, word: 'Attention' },
  broken: { icon: CircleX, word: 'Broken' },
  paused: { icon: CirclePause, word: 'Paused' },
}

export const stateWord = (state: State): string => looks[state].word

/** Icon and colour alone: only where the word stands beside it. */
export function StateIcon({ state, size = 16 }: { state: State; size?: number }) {
  const Icon = looks[state].icon
  return <Icon size={size} className={cx(styles.icon, styles[state])} aria-hidden />
}

/** Icon, word and colour. `children` says it more exactly than the state's own word: "2 of 3 ready". */
export function StateBadge({ state, soft, children }: { state: State; soft?: boolean; children?: ReactNode }) {
  return (
    <span className={cx(styles.badge, styles[state], soft && styles.soft)}>
      <StateIcon state={state} size={soft ? 14 : 16} />
      <span className={styles.word}>{children ?? looks[state].word}</span>
    </span>
  )
}
