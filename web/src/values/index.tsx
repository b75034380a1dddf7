import { type ComponentProps, lazy, Suspense } from 'react'
import { TextSkeleton } from '../ui/skeleton.tsx'
import type { ValuesEditor as ValuesEditorOf } from './values-editor.tsx'

// It brings a YAML parser and the form: only where values are edited.
const Lazy = lazy(async () => ({ default: (await import('./values-editor.tsx')).ValuesEditor }))

/** See values/values-editor.tsx. */
export function ValuesEditor(props: ComponentProps<typeof ValuesEditorOf>) {
  return (
    <Suspense fallback={<TextSkeleton lines={8} label="Loading the editor" />}>
      <Lazy {...props} />
    </Suspense>
  )
}
