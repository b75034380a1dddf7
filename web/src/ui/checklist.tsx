import {
  CircleCheck,
  CircleDashed,
  CircleMinus,
  CircleX,
  LoaderCircle,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './checklist.module.css'
import { cx } from './class-names.ts'
import { durationWords } from './time-words.ts'

export type StepState = 'waiting' | 'running' | 'done' | 'warned' | 'failed' | 'not-run'

export interface Step {
  readonly id: string
  readonly title: ReactNode
  readonly state: StepState
  /** Milliseconds it took. */
  readonly ms?: number
  /** What was found, or went wrong. */
  readonly detail?: ReactNode
  /** The other side's own words; shown as a quotation of `who`. */
  readonly said?: string
  readonly who?: string
  /** What to do about it: text, links. */
  readonly next?: ReactNode
}

const looks: Readonly<Record<StepState, { readonly icon: LucideIcon; readonly words: string }>> = {
  waiting: { icon: CircleDashed, words: 'waiting' },
  running: { icon: LoaderCircle, words: 'running' },
  done: { icon: CircleCheck, words: 'done' },
  warned: { icon: TriangleAlert, words: 'warning' },
  failed: { icon: CircleX, words: 'failed' },
  'not-run': { icon: CircleMinus, words: 'not run' },
}

/** Stages that fill in one after another. Every stage has its line from the start, so that nothing moves down the page. */
export function Checklist({
  label,
  steps,
  wide,
}: {
  label: string
  steps: readonly Step[]
  /** What is below the titles is no prose: it takes the whole width. */
  wide?: boolean
}) {
  return (
    <ol className={styles.list} aria-label={label}>
      {steps.map(step => {
        const { icon: Icon, words } = looks[step.state]
        return (
          <li key={step.id} className={cx(styles.step, styles[step.state])}>
            <Icon size={16} className={styles.icon} aria-hidden />
            <span className={styles.title}>
              {step.title}
              <span className="visually-hidden">: {words}</span>
            </span>
            <span className={styles.ms}>
              {step.ms !== undefined ? durationWords(step.ms) : step.state === 'not-run' ? 'not run' : ''}
            </span>
            {(step.detail !== undefined || step.said !== undefined || step.next !== undefined) && (
              <div className={cx(styles.more, wide && styles.wide)}>
                {step.detail !== undefined && <div>{step.detail}</div>}
                {step.said !== undefined && (
                  <p className={styles.said}>
                    {step.who ?? 'It'} said: <q>{step.said}</q>
                  </p>
                )}
                {step.next !== undefined && <p className={styles.next}>{step.next}</p>}
              </div>
            )}
          </li>
        )
      })}
    </ol>
  )
}
