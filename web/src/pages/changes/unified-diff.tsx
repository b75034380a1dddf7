import { cx } from '../../ui/class-names.ts'
import styles from './changes.module.css'

const mostLines = 2_000

/** A unified diff: each line with its sign, so that colour is not all that tells them apart. */
export function UnifiedDiff({ label, text, truncated }: { label: string; text: string; truncated?: boolean }) {
  const all = text.replace(/\n$/, '').split('\n')
  const lines = all
    .filter(line => !/^(---|\+\+\+|diff |index |new file|deleted file|\\ No newline)/.test(line))
    .slice(0, mostLines)
  if (text.trim() === '') return <p className={styles.none}>Nothing that can be shown as text.</p>
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section className={styles.diff} aria-label={label} tabIndex={0}>
        <pre>
          {lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line of a diff is its place
            <span key={at} className={cx(styles.line, styles[kindOf(line)])}>
              {line === '' ? ' ' : line}
              {'\n'}
            </span>
          ))}
        </pre>
      </section>
      {(truncated || all.length > mostLines) && <p className={styles.none}>It goes on: this is the beginning.</p>}
    </>
  )
}

function kindOf(line: string): 'added' | 'removed' | 'hunk' | 'same' {
  if (line.startsWith('@@')) return 'hunk'
  if (line.startsWith('+')) return 'added'
  return line.startsWith('-') ? 'removed' : 'same'
}
