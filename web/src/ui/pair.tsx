import { Equal, EqualNot } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './class-names.ts'
import styles from './pair.module.css'

export interface PairProps {
  /** What Git wants. */
  readonly git: ReactNode
  /** What the cluster has; undefined: not known yet. */
  readonly cluster: ReactNode | undefined
  readonly agrees: boolean
  /** Why they do not agree; stands right there. */
  readonly cause?: ReactNode
  readonly mono?: boolean
}

/** What Git wants and what the cluster has, on one line: for a row. */
export function Pair({ git, cluster, agrees, mono }: PairProps) {
  const Sign = agrees ? Equal : EqualNot
  return (
    <span className={cx(styles.pair, mono && styles.mono, !agrees && styles.differs)}>
      <span className="visually-hidden">Git wants </span>
      <span className={styles.git}>{git}</span>
      <Sign size={14} className={styles.sign} aria-hidden />
      <span className="visually-hidden">{agrees ? ', and so has the cluster ' : ', but the cluster has '}</span>
      <span className={styles.cluster}>{cluster ?? '–'}</span>
    </span>
  )
}

/** The same with its two names and the cause under it: for a card or the head of a page. */
export function PairCard({ git, cluster, agrees, cause, mono }: PairProps) {
  return (
    <div className={cx(styles.card, !agrees && styles.differs)}>
      <div className={styles.side}>
        <span className={styles.name}>Git wants</span>
        <span className={cx(styles.value, mono && styles.mono)}>{git}</span>
      </div>
      <div className={styles.between}>
        {cluster !== undefined &&
          (agrees ? <Equal size={16} aria-label="the same as" /> : <EqualNot size={16} aria-label="not the same as" />)}
      </div>
      <div className={styles.side}>
        <span className={styles.name}>Cluster has</span>
        <span className={cx(styles.value, styles.cluster, mono && styles.mono)}>{cluster ?? 'not known yet'}</span>
      </div>
      {cause !== undefined && <div className={styles.cause}>{cause}</div>}
    </div>
  )
}
