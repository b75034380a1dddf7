import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import { useTheme } from '../frame/theme.ts'
import styles from './chart.module.css'

export interface Series {
  readonly name: string
  /** One for each time; null where there is none. */
  readonly values: readonly (number | null)[]
  readonly tone?: 'accent' | 'quiet' | 'broken'
}

export interface LineChartProps {
  /** What it shows, in words that stand for it where it cannot be seen: "p50 and p99 from commit to live, last 24 hours". */
  readonly label: string
  /** Milliseconds since 1970, rising. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly format?: (value: number) => string
  readonly height?: number
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const hour = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' })

/** Times under the chart, as exact as they differ; the same words once. */
function timeWords(ticks: readonly number[]): string[] {
  const span = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0)
  const format = span < 10 * 60_000 ? clock : span < 36 * 3_600_000 ? hour : day
  const words = ticks.map(at => format.format(at))
  return words.map((word, i) => (word === words[i - 1] ? '' : word))
}

const tones = { accent: '--accent', quiet: '--ink-3', broken: '--broken' } as const

/** Numbers over time. The cursor's values stand in the legend under it. */
export function LineChart({ label, times, series, format = String, height = 200 }: LineChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  const shown = JSON.stringify([times, series])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shown` stands for the data, `theme` for the colours that are read
  useEffect(() => {
    const box = place.current!
    const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
    const axis = {
      stroke: token('--ink-3'),
      grid: { stroke: token('--line'), width: 1 },
      ticks: { show: false },
      font: '12px "Inter Variable"',
    }
    const plot = new UPlot(
      {
        width: box.clientWidth,
        height,
        ms: 1,
        cursor: { points: { size: 6 }, y: false },
        series: [
          { label: 'Time' },
          ...series.map(s => ({
            label: s.name,
            stroke: token(tones[s.tone ?? 'accent']),
            width: 1.5,
            points: { show: false },
            value: (_: UPlot, value: number | null) => (value === null ? '–' : format(value)),
          })),
        ],
        axes: [
          { ...axis, grid: { show: false }, space: 96, values: (_: UPlot, ticks: number[]) => timeWords(ticks) },
          { ...axis, size: 64, values: (_: UPlot, ticks: number[]) => ticks.map(format) },
        ],
      },
      [[...times], ...series.map(s => [...s.values])] as UPlot.AlignedData,
      box,
    )
    const watch = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height }))
    watch.observe(box)
    return () => {
      watch.disconnect()
      plot.destroy()
    }
  }, [shown, theme, height])
  return <div ref={place} className={styles.chart} role="img" aria-label={label} />
}
