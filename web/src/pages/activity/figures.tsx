import type { ReactNode } from 'react'
import { durationWords } from '../../ui/time-words.ts'
import styles from './activity.module.css'

/** Numbers that stand over a chart. */
export function Figures({ p50, p95, count, of }: { p50?: number; p95?: number; count: number; of: string }) {
  return (
    <dl className={styles.figures}>
      <Figure name="Half of them within">{p50 === undefined ? '–' : durationWords(p50)}</Figure>
      <Figure name="95 % within">{p95 === undefined ? '–' : durationWords(p95)}</Figure>
      <Figure name={of}>{count.toLocaleString()}</Figure>
    </dl>
  )
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
