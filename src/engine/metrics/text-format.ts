import type { MetricLabels } from '../metrics.ts'
import type { MetricDefinition } from './catalogue.ts'

/** Label values longer than this are cut: they come from objects of users. */
const longestValue = 256

/** What tells one series of a metric from another. */
export function seriesKey({ labels: names }: MetricDefinition, labels: MetricLabels): string {
  return JSON.stringify(names.map(name => labels[name] ?? ''))
}

/** One line: `name{label="value"} 1`. */
export function sample(name: string, definition: MetricDefinition, labels: MetricLabels, value: number): string {
  return `${name}${braces(pairs(definition, labels))} ${numberText(value)}`
}

/** The lines of one histogram: its buckets, each with all below it, its sum and its count. */
export function histogramLines(
  definition: MetricDefinition,
  series: {
    readonly labels: MetricLabels
    readonly counts: readonly number[]
    readonly sum: number
    readonly total: number
  },
): string[] {
  const { name, buckets = [] } = definition
  const common = pairs(definition, series.labels)
  let below = 0
  const lines = buckets.map((bound, index) => {
    below += series.counts[index] ?? 0
    return `${name}_bucket${braces([...common, `le="${numberText(bound)}"`])} ${below}`
  })
  lines.push(`${name}_bucket${braces([...common, 'le="+Inf"'])} ${series.total}`)
  lines.push(`${name}_sum${braces(common)} ${numberText(series.sum)}`, `${name}_count${braces(common)} ${series.total}`)
  return lines
}

function pairs({ labels: names }: MetricDefinition, labels: MetricLabels): string[] {
  return names.map(name => `${name}="${escaped(labels[name] ?? '')}"`)
}

function braces(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function escaped(value: string): string {
  return [...value.slice(0, longestValue)]
    .join('')
    .replace(/[\\"\n]/g, c => (c === '\n' ? '\\n' : `\\${c}`))
    .replace(/\p{Surrogate}/gu, '\ufffd')
}

/** Go's shortest form: `1e-08`, `0.005`, `+Inf`. */
function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  if (Number.isNaN(value)) return 'NaN'
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}
