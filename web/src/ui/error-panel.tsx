import { CircleX, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { asApiError } from '../data/api-error.ts'
import { Button } from './button.tsx'
import styles from './error-panel.module.css'

/** What failed: the object, what was expected, what was seen, and what to do next. */
export function ErrorPanel({
  error,
  onRetry,
  children,
}: {
  error: unknown
  onRetry?: () => void
  children?: ReactNode
}) {
  const { problem } = asApiError(error)
  const facts: [string, string | undefined][] = [
    ['Object', problem.object],
    ['Expected', problem.expected],
    ['Seen', problem.seen],
  ]
  return (
    <div className={styles.panel} role="alert">
      <CircleX size={16} className={styles.icon} aria-hidden />
      <div className={styles.words}>
        <p className={styles.message}>{problem.message}</p>
        {facts.some(([, value]) => value !== undefined) && (
          <dl className={styles.facts}>
            {facts.map(
              ([name, value]) =>
                value !== undefined && (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ),
            )}
          </dl>
        )}
        {problem.next !== undefined && <p className={styles.next}>{problem.next}</p>}
        {children}
        <p className={styles.code}>
          <code>{problem.code}</code>
        </p>
      </div>
      {onRetry !== undefined && (
        <Button small icon={RotateCw} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}
