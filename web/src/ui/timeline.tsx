import { CircleCheck, CircleDashed, CircleX, LoaderCircle, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './class-names.ts'
import { RelativeTime } from './time.tsx'
import { durationWords } from './time-words.ts'
import styles from './timeline.module.css'

export interface Stage {
  readonly id: string
  /** `Committed`, `Fetched`, `Rendered`, `Applied`, `Healthy`. */
  readonly title: ReactNode
  readonly state: 'waiting' | 'running' | 'done' | 'warned' | 'failed'
  readonly at?: string
  /** Milliseconds since the stage before. */
  readonly ms?: number
  /** The commit, the revision, the counts. */
  readonly detail?: ReactNode
  /** The culprit, where it failed. */
  readonly cause?: ReactNode
}

const icons: Readonly<Record<Stage['state'], LucideIcon>> = {
  waiting: CircleDashed,
  running: LoaderCircle,
  done: CircleCheck,
  warned: TriangleAlert,
  failed: CircleX,
}

const words: Readonly<Record<Stage['state'], string>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  warned: 'warning',
  failed: 'failed',
}

/** From commit to healthy, live: each stage with its time and, on failure, what caused it. */
export function Timeline({ label, stages }: { label: string; stages: readonly Stage[] }) {
  return (
    <ol className={styles.timeline} aria-label={label}>
      {stages.map(stage => {
        const Icon = icons[stage.state]
        return (
          <li key={stage.id} className={cx(styles.stage, styles[stage.state])}>
            <span className={styles.track}>
              <Icon size={16} className={styles.icon} aria-hidden />
            </span>
            <div className={styles.body}>
              <div className={styles.head}>
                <span className={styles.title}>
                  {stage.title}
                  <span className="visually-hidden">: {words[stage.state]}</span>
                </span>
                {stage.ms !== undefined && <span className={styles.ms}>+{durationWords(stage.ms)}</span>}
                {stage.at !== undefined && (
                  <span className={styles.at}>
                    <RelativeTime at={stage.at} />
                  </span>
                )}
              </div>
              {stage.detail !== undefined && <div className={styles.detail}>{stage.detail}</div>}
              {stage.cause !== undefined && <div className={styles.cause}>{stage.cause}</div>}
            </div>
          </li>
        )
      })}
    </ol>
  )
}
