import './constructable-styles.ts'
import { MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import styles from './code.module.css'
import { reading } from './yaml-editor.tsx'

export interface DiffViewProps {
  /** What is compared: read out. */
  readonly label: string
  readonly before: string
  readonly after: string
  /** The heads of the two sides: a revision, "Git", "Cluster". */
  readonly names?: readonly [string, string]
}

const narrow = matchMedia('(max-width: 900px)')
const still = (label: string): Extension[] => [
  ...reading(label),
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ role: 'textbox', 'aria-readonly': 'true' }),
]

/**
 * Two texts side by side, or one under the other where it is narrow; what is the same is folded.
 * Secrets were masked by the server: neither text ever held one.
 */
export function DiffView({ label, before, after, names }: DiffViewProps) {
  const place = useRef<HTMLDivElement>(null)
  const unified = useSyncExternalStore(
    tell => {
      narrow.addEventListener('change', tell)
      return () => narrow.removeEventListener('change', tell)
    },
    () => narrow.matches,
  )
  useEffect(() => {
    const parent = place.current!
    const collapseUnchanged = { margin: 3, minSize: 6 }
    if (unified) {
      const extensions = [
        ...still(label),
        unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged, syntaxHighlightDeletions: true }),
      ]
      const view = new EditorView({ parent, state: EditorState.create({ doc: after, extensions }) })
      return () => view.destroy()
    }
    const merge = new MergeView({
      parent,
      collapseUnchanged,
      a: { doc: before, extensions: still(`${label}: before`) },
      b: { doc: after, extensions: still(`${label}: after`) },
    })
    return () => merge.destroy()
  }, [label, before, after, unified])
  return (
    <div className={styles.diff}>
      {names !== undefined && (
        <div className={styles.names}>
          <span>{names[0]}</span>
          <span>{names[1]}</span>
        </div>
      )}
      <div ref={place} className={styles.code} />
    </div>
  )
}
