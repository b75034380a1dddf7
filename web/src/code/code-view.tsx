import './constructable-styles.ts'
import { defaultKeymap } from '@codemirror/commands'
import { searchKeymap } from '@codemirror/search'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { cx } from '../ui/class-names.ts'
import styles from './code.module.css'
import { reading } from './yaml-editor.tsx'

/** YAML to read: a manifest, values, a file of the repository. It can be searched and copied. */
export function CodeView({ label, text, tall }: { label: string; text: string; tall?: boolean }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const editor = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: text,
        extensions: [
          ...reading(label),
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ role: 'textbox', 'aria-readonly': 'true' }),
          keymap.of([...searchKeymap, ...defaultKeymap]),
        ],
      }),
    })
    return () => editor.destroy()
  }, [label, text])
  return <div ref={place} className={cx(styles.code, tall && styles.tall)} />
}
