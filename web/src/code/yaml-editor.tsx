import './constructable-styles.ts'
import { autocompletion, type CompletionSource, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language'
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { searchKeymap } from '@codemirror/search'
import { EditorState, type Extension, Text } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { cx } from '../ui/class-names.ts'
import styles from './code.module.css'
import { consoleLook } from './theme.ts'

/** Something to say about a line of the text; lines count from 1. */
export interface CodeNote {
  readonly line: number
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
}

export interface YamlEditorProps {
  /** What it holds: read out. */
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** Problems that the server found, shown at their lines. */
  readonly notes?: readonly CodeNote[]
  readonly complete?: CompletionSource
  readonly tall?: boolean
  /** Puts the cursor at the start of a line, and the focus into the editor; a new object does so anew. */
  readonly reveal?: { readonly line: number } | undefined
}

/** YAML to edit. Tab indents; Escape, then Tab, leaves the editor. */
export function YamlEditor({ label, value, onChange, notes = [], complete, tall, reveal }: YamlEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const change = useRef(onChange)
  change.current = onChange
  const source = useRef(complete)
  source.current = complete

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; the effects below bring it up to date
  useEffect(() => {
    const editor = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          ...reading(label),
          history(),
          drawSelection(),
          indentOnInput(),
          indentUnit.of('  '),
          bracketMatching(),
          highlightActiveLine(),
          lintGutter(),
          autocompletion({ override: [context => source.current?.(context) ?? null] }),
          keymap.of([
            ...completionKeymap,
            ...historyKeymap,
            ...searchKeymap,
            ...foldKeymap,
            ...lintKeymap,
            indentWithTab,
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of(update => {
            if (update.docChanged) change.current(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
  }, [label])

  useEffect(() => {
    const editor = view.current
    if (editor === undefined || editor.state.doc.eq(Text.of(value.split('\n')))) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  useEffect(() => {
    const editor = view.current
    if (editor === undefined) return
    const found = notes.map((note): Diagnostic => {
      const line = editor.state.doc.line(Math.min(Math.max(1, note.line), editor.state.doc.lines))
      return { from: line.from, to: line.to, severity: note.severity, message: note.message }
    })
    editor.dispatch(setDiagnostics(editor.state, found))
  }, [notes])

  useEffect(() => {
    const editor = view.current
    if (editor === undefined || reveal === undefined) return
    const line = editor.state.doc.line(Math.min(Math.max(1, reveal.line), editor.state.doc.lines))
    const column = line.text.length - line.text.trimStart().length
    editor.dispatch({ selection: { anchor: line.from + column }, scrollIntoView: true })
    editor.focus()
  }, [reveal])

  return <div ref={place} className={cx(styles.code, styles.editable, tall && styles.tall)} />
}

/** What reading and editing have in common. */
export function reading(label: string): Extension[] {
  return [
    lineNumbers(),
    foldGutter(),
    yaml(),
    ...consoleLook,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  ]
}
