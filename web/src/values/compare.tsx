import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../ui/button.tsx'
import { Checkbox } from '../ui/choices.tsx'
import { cx } from '../ui/class-names.ts'
import type { Draft } from './draft.ts'
import { type LayerRow, layerRows } from './layers.ts'
import { pathWords } from './tree.ts'
import styles from './values.module.css'
import { valueWords } from './words.ts'

const marks: Readonly<Record<LayerRow['mark'], string>> = {
  inherited: '',
  set: 'overridden',
  removed: 'taken away',
  pinned: 'pinned: the same as below, and stays when that changes',
}

const most = 1_000

/** Each value as it is below, in the layer, and in the result, side by side. */
export function Compare({ draft, names }: { draft: Draft; names: readonly [string, string] }) {
  const [only, setOnly] = useState(false)
  const all = layerRows(draft.below, draft.layer)
  const differing = all.filter(row => row.mark !== 'inherited')
  const rows = (only ? differing : all).slice(0, most)
  return (
    <div className={styles.compare}>
      <div className={styles.compareHead}>
        <Checkbox label="Only what is set here" checked={only} onChange={setOnly} />
        <span className={styles.none}>
          {differing.length} of {all.length} values are set in {names[1]}
        </span>
      </div>
      <div className={styles.compareScroll}>
        <table className={styles.compareTable} aria-label={`${names[0]}, ${names[1]} and the result`}>
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col">{names[0]}</th>
              <th scope="col">{names[1]}</th>
              <th scope="col">Result</th>
              <th scope="col">
                <span className="visually-hidden">Back</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr key={JSON.stringify(row.path)} className={cx(row.mark !== 'inherited' && styles.set)}>
                <th scope="row">
                  <code>{pathWords(row.path)}</code>
                </th>
                <td data-label={names[0]}>
                  {row.below === undefined ? <None /> : <code>{valueWords(row.below)}</code>}
                </td>
                <td data-label={names[1]}>
                  {row.mark === 'inherited' ? (
                    <None />
                  ) : (
                    <>
                      {row.mark !== 'removed' && <code>{valueWords(row.layer)}</code>}
                      <span className={styles.markWords}>{marks[row.mark]}</span>
                    </>
                  )}
                </td>
                <td data-label="Result">
                  {row.result === undefined ? <None /> : <code>{valueWords(row.result)}</code>}
                </td>
                <td>
                  {row.mark !== 'inherited' && (
                    <IconButton
                      small
                      icon={Undo2}
                      label={`${pathWords(row.path)}: back to ${names[0].toLowerCase()}`}
                      onClick={() => draft.back(row.path)}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && (
          <p className={styles.none}>Nothing is set here: everything comes from {names[0].toLowerCase()}.</p>
        )}
      </div>
      {(only ? differing : all).length > most && <p className={styles.none}>The first {most} are shown.</p>}
    </div>
  )
}

const None = () => (
  <span className={styles.dash}>
    <span aria-hidden>–</span>
    <span className="visually-hidden">nothing</span>
  </span>
)
