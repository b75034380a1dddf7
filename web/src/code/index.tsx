import { type ComponentProps, lazy, Suspense } from 'react'
import { TextSkeleton } from '../ui/skeleton.tsx'
import styles from './code.module.css'
import type { CodeView as CodeViewOf } from './code-view.tsx'
import type { DiffView as DiffViewOf } from './diff-view.tsx'
import type { YamlEditor as YamlEditorOf } from './yaml-editor.tsx'

export type { CodeNote } from './yaml-editor.tsx'

// CodeMirror is the heaviest part of the console: it comes when the first of these is shown.
const LazyYamlEditor = lazy(async () => ({ default: (await import('./yaml-editor.tsx')).YamlEditor }))
const LazyCodeView = lazy(async () => ({ default: (await import('./code-view.tsx')).CodeView }))
const LazyDiffView = lazy(async () => ({ default: (await import('./diff-view.tsx')).DiffView }))

const place = (
  <div className={styles.place}>
    <TextSkeleton lines={6} />
  </div>
)

/** See code/yaml-editor.tsx. */
export function YamlEditor(props: ComponentProps<typeof YamlEditorOf>) {
  return (
    <Suspense fallback={place}>
      <LazyYamlEditor {...props} />
    </Suspense>
  )
}

/** See code/code-view.tsx. */
export function CodeView(props: ComponentProps<typeof CodeViewOf>) {
  return (
    <Suspense fallback={place}>
      <LazyCodeView {...props} />
    </Suspense>
  )
}

/** See code/diff-view.tsx. */
export function DiffView(props: ComponentProps<typeof DiffViewOf>) {
  return (
    <Suspense fallback={place}>
      <LazyDiffView {...props} />
    </Suspense>
  )
}
