import { lazy, Suspense } from 'react'
import { TextSkeleton } from '../ui/skeleton.tsx'

const Lazy = lazy(async () => ({ default: (await import('./markdown-text.tsx')).MarkdownText }))

/** See markdown/markdown-text.tsx. */
export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<TextSkeleton lines={6} />}>
      <Lazy text={text} />
    </Suspense>
  )
}
