import { cx } from '../../ui/class-names.ts'
import styles from './fleet.module.css'

const looks: Readonly<Record<string, string | undefined>> = {
  '+': styles.added,
  '-': styles.removed,
  '@': styles.place,
}

/** A unified diff of a few lines, as the server worked it out. */
export function DiffText({ label, diff }: { label: string; diff: string }) {
  const lines = diff.replace(/\n$/, '').split('\n')
  const body = lines.filter(line => !/^(---|\+\+\+) /.test(line))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className={styles.diff} aria-label={label} tabIndex={0}>
      {body.map((line, index) => (
        // Lines of a text have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: the diff is shown as a whole
        <div key={index} className={cx(styles.diffLine, looks[line[0] ?? ''])}>
          {line === '' ? ' ' : line}
        </div>
      ))}
    </section>
  )
}
