import { ArrowRight } from 'lucide-react'
import type { ChartChoiceView, ValueChangeView } from '../../../../src/server/contract/values.ts'
import { pathWords } from '../../values/tree.ts'
import { valueWords } from '../../values/words.ts'
import styles from './changes.module.css'

/** `web-service 1.2.0`, with the repository where it is from one. */
export const chartWords = (chart: ChartChoiceView): string =>
  chart.kind === 'Template' ? `${chart.name} ${chart.version}` : `${chart.repository}/${chart.name} ${chart.version}`

/** What changes, value by value: before and after. */
export function ValueChanges({ changes }: { changes: readonly ValueChangeView[] }) {
  return (
    <dl className={styles.values}>
      {changes.map(change => (
        <div key={JSON.stringify(change.path)} className={styles.value}>
          <dt>
            <code>{pathWords(change.path)}</code>
          </dt>
          <dd>
            <Move
              before={'before' in change ? valueWords(change.before) : undefined}
              after={'after' in change ? valueWords(change.after) : undefined}
            />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** From one thing to another; struck through where it goes away. */
export function Move({ before, after }: { before: string | undefined; after: string | undefined }) {
  return (
    <span className={styles.move}>
      {before !== undefined && (
        <>
          <span className="visually-hidden">was </span>
          <del className={styles.before}>{before}</del>
        </>
      )}
      {before !== undefined && after !== undefined && <ArrowRight size={14} aria-hidden className={styles.arrow} />}
      {after === undefined ? (
        <span className={styles.none}>taken away</span>
      ) : (
        <>
          <span className="visually-hidden">{before === undefined ? 'new: ' : ' becomes '}</span>
          <ins className={styles.after}>{after}</ins>
        </>
      )}
    </span>
  )
}
