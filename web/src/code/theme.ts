import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** The console's own look for code: its colours are the tokens, so the theme changes under it without a word. */
const look = EditorView.theme({
  '&': { backgroundColor: 'var(--paper)', color: 'var(--ink)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px', fontVariantLigatures: 'none' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 12px 0 8px' },
  '.cm-gutters': { backgroundColor: 'var(--paper)', color: 'var(--ink-3)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '36px', padding: '0 8px 0 8px' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': {
    backgroundColor: 'var(--accent-soft)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine, &.cm-focused .cm-activeLineGutter': { backgroundColor: 'var(--sunken)' },
  '.cm-searchMatch': { backgroundColor: 'var(--attention-soft)', outline: '1px solid var(--attention)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--hover)', border: 'none', color: 'var(--ink-2)' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    boxShadow: 'var(--shadow-popover)',
    overflow: 'hidden',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--ink)' },
  '.cm-diagnostic': { fontFamily: 'var(--font-text)', padding: '6px 10px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--broken)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--attention)' },
  // Differences: ground and edge, so that colour is not all that tells them apart.
  '.cm-changedLine, &.cm-merge-b .cm-changedLine, .cm-insertedLine': { backgroundColor: 'var(--added-soft)' },
  '.cm-deletedChunk, .cm-deletedLine, &.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--removed-soft)' },
  '&.cm-merge-b .cm-changedText, .cm-changedText, &.cm-merge-a .cm-changedText, .cm-deletedText': {
    background: 'none !important',
    color: 'inherit',
    textDecoration: 'underline',
    textDecorationThickness: '1px',
    textUnderlineOffset: '3px',
  },
  '.cm-changedLineGutter': { backgroundColor: 'var(--added)' },
  '.cm-deletedLineGutter': { backgroundColor: 'var(--removed)' },
  '&.cm-merge-a .cm-changedLineGutter': { backgroundColor: 'var(--removed)' },
  '.cm-collapsedLines': {
    background: 'var(--sunken)',
    color: 'var(--ink-3)',
    fontFamily: 'var(--font-text)',
    fontSize: '12px',
    padding: '4px 12px',
  },
})

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.atom], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.meta], color: 'var(--code-comment)' },
  { tag: tags.invalid, color: 'var(--broken)' },
])

export const consoleLook = [look, syntaxHighlighting(colours)]
