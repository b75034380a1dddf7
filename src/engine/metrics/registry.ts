import type { EngineMetrics, MetricLabels } from '../metrics.ts'
import { type MetricDefinition, metricDefinitions } from './catalogue.ts'
import { histogramLines, sample, seriesKey } from './text-format.ts'

/** Time series of one metric at most; the rest is counted, not kept. */
const mostSeries = 5000

/** Values that are worked out when somebody asks, so that they need no upkeep. */
export type Collector = () => Iterable<{
  readonly name: string
  readonly labels: MetricLabels
  readonly value: number
}>

interface Family {
  readonly definition: MetricDefinition
  readonly numbers: Map<string, { labels: MetricLabels; value: number }>
  readonly histograms: Map<string, { labels: MetricLabels; counts: number[]; sum: number; total: number }>
}

/** Keeps the engine's metrics and prints them for Prometheus. Bounded: a metric has so many time series at most. */
export class MetricsRegistry implements EngineMetrics {
  readonly #families = new Map<string, Family>()
  readonly #collectors = new Set<Collector>()

  constructor(definitions: readonly MetricDefinition[] = metricDefinitions) {
    for (const definition of definitions) this.#define(definition)
  }

  increment(name: string, labels: MetricLabels, by = 1): void {
    const series = this.#number(name, 'counter', labels)
    if (series !== undefined) series.value += by
  }

  set(name: string, labels: MetricLabels, value: number): void {
    const series = this.#number(name, 'gauge', labels)
    if (series !== undefined) series.value = value
  }

  observe(name: string, labels: MetricLabels, seconds: number): void {
    const family = this.#family(name, 'histogram', labels)
    const { buckets = [] } = family.definition
    const key = seriesKey(family.definition, labels)
    let series = family.histograms.get(key)
    if (series === undefined) {
      if (this.#isFull(family)) return
      series = { labels, counts: buckets.map(() => 0), sum: 0, total: 0 }
      family.histograms.set(key, series)
    }
    const at = buckets.findIndex(bound => seconds <= bound)
    if (at >= 0) series.counts[at] = (series.counts[at] ?? 0) + 1
    series.sum += seconds
    series.total++
  }

  /** Forgets all series that carry these labels: of an object that is gone. */
  forget(labels: MetricLabels): void {
    const wanted = Object.entries(labels)
    for (const { numbers, histograms } of this.#families.values()) {
      for (const map of [numbers, histograms]) {
        for (const [key, series] of map) {
          if (wanted.every(([name, value]) => series.labels[name] === value)) map.delete(key)
        }
      }
    }
  }

  /** Adds values that are worked out at each printing; returns the function that ends it. */
  collect(collector: Collector): () => void {
    this.#collectors.add(collector)
    return () => this.#collectors.delete(collector)
  }

  /** All metrics in Prometheus' text format, version 0.0.4. */
  text(): string {
    const collected = new Map<string, string[]>()
    for (const collector of this.#collectors) {
      for (const { name, labels, value } of collector()) {
        const { definition } = this.#family(name, 'gauge', labels)
        const lines = collected.get(name) ?? []
        if (lines.length < mostSeries) lines.push(sample(name, definition, labels, value))
        else this.#dropped(name)
        collected.set(name, lines)
      }
    }
    const out: string[] = []
    for (const { definition, numbers, histograms } of this.#families.values()) {
      const lines = collected.get(definition.name) ?? []
      for (const { labels, value } of numbers.values()) lines.push(sample(definition.name, definition, labels, value))
      for (const series of histograms.values()) lines.push(...histogramLines(definition, series))
      if (lines.length === 0) continue
      if (definition.help !== '')
        out.push(`# HELP ${definition.name} ${definition.help.replace(/[\\\n]/g, escapeHelp)}`)
      out.push(`# TYPE ${definition.name} ${definition.type}`, ...lines)
    }
    return `${out.join('\n')}\n`
  }

  #define(definition: MetricDefinition): Family {
    const family = { definition, numbers: new Map(), histograms: new Map() }
    this.#families.set(definition.name, family)
    return family
  }

  /** A metric that is in no list yet is taken as it is used first. */
  #family(name: string, type: MetricDefinition['type'], labels: MetricLabels): Family {
    const known = this.#families.get(name)
    if (known !== undefined) return known
    const buckets = type === 'histogram' ? { buckets: [0.001, 0.01, 0.1, 1, 10, 100] } : {}
    return this.#define({ name, type, help: '', labels: Object.keys(labels), ...buckets })
  }

  #number(name: string, type: 'counter' | 'gauge', labels: MetricLabels): { value: number } | undefined {
    const family = this.#family(name, type, labels)
    const key = seriesKey(family.definition, labels)
    let series = family.numbers.get(key)
    if (series === undefined) {
      if (this.#isFull(family)) return undefined
      series = { labels, value: 0 }
      family.numbers.set(key, series)
    }
    return series
  }

  #isFull({ definition, numbers, histograms }: Family): boolean {
    if (numbers.size + histograms.size < mostSeries) return false
    this.#dropped(definition.name)
    return true
  }

  #dropped(metric: string): void {
    this.increment('sluice_metrics_dropped_series_total', { metric })
  }
}

function escapeHelp(c: string): string {
  return c === '\n' ? '\\n' : '\\\\'
}
