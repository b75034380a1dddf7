import { type ComponentProps, lazy, Suspense } from 'react'
import { TextSkeleton } from '../ui/skeleton.tsx'
import type { LineChart as LineChartOf } from './line-chart.tsx'

export { Sparkline } from './sparkline.tsx'

const LazyLineChart = lazy(async () => ({ default: (await import('./line-chart.tsx')).LineChart }))

/** See chart/line-chart.tsx. */
export function LineChart(props: ComponentProps<typeof LineChartOf>) {
  return (
    <Suspense fallback={<TextSkeleton lines={5} />}>
      <LazyLineChart {...props} />
    </Suspense>
  )
}
