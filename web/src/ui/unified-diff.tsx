import { cx } from './class-names.ts'
import { diffBody, diffLineKind } from './diff-body.ts'
import styles from './unified-diff.module.css'

const mostLines = 2_000

/** A unified diff: each line with its sign, so that colour is not all that tells them apart. */
export function UnifiedDiff({ label, text, truncated }: { label: string; text: string; truncated?: boolean }) {
  if (text.trim() === '') return <p className={styles.note}>Nothing that can be shown as text.</p>
  const body = diffBody(text)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section className={styles.diff} aria-label={label} tabIndex={0}>
        <pre>
          {body.slice(0, mostLines).map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line of a diff is its place
            <span key={at} className={cx(styles.line, styles[diffLineKind(line)])}>
              {line === '' ? ' ' : line}
              {'\n'}
            </span>
          ))}
        </pre>
      </section>
      {(truncated || body.length > mostLines) && <p className={styles.note}>It goes on: this is the beginning.</p>}
    </>
  )
}
