import { Undo2 } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import type { FormContext } from './form-context.ts'
import { mapPath } from './layers.ts'
import { type Path, pathWords, valueAt } from './tree.ts'
import styles from './values.module.css'
import { valueWords } from './words.ts'

/** Beside a field: what it would be without this layer, and the way back to that. Nothing where the layer says nothing. */
export function Origin({ title, path, context }: { title: string; path: Path; context: FormContext }) {
  const { draft, belowName, onShow } = context
  const mark = draft.markAt(path)
  if (mark === 'inherited') return <div className={styles.origin} />
  const whole = mapPath(draft.layer, path)
  return (
    <div className={styles.origin}>
      <span className={styles.was}>
        {cap(belowName)} has <code>{valueWords(valueAt(draft.below, whole))}</code>
      </span>
      <span className={styles.originActions}>
        <Button
          small
          kind="plain"
          icon={Undo2}
          aria-label={`${title}: back to ${belowName}`}
          onClick={() => draft.back(path)}
        >
          Back to {belowName}
        </Button>
        <Button small kind="plain" aria-label={`Show ${pathWords(path)} in the YAML`} onClick={() => onShow(path)}>
          YAML
        </Button>
      </span>
    </div>
  )
}

const cap = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)
