/** Labels of one time series. */
export type MetricLabels = Readonly<Record<string, string>>

/**
 * Where the engine counts. Names are those of Flux's controllers, so that existing dashboards read them:
 * `gotk_reconcile_duration_seconds` (kind, name, namespace), `controller_runtime_reconcile_total` (controller, result) and
 * so on; `sluice_*` for what Flux has no word for. All of them are in metrics/catalogue.ts.
 */
export interface EngineMetrics {
  /** Adds to a counter. */
  increment(name: string, labels: MetricLabels, by?: number): void
  /** Sets a gauge. */
  set(name: string, labels: MetricLabels, value: number): void
  /** Adds one observation, in seconds, to a histogram. */
  observe(name: string, labels: MetricLabels, seconds: number): void
  /** Lets go of every time series that carries these labels: those of an object that is gone. */
  forget?(labels: MetricLabels): void
}

/** Counts in two places. */
export function bothMetrics(one: EngineMetrics, two: EngineMetrics): EngineMetrics {
  return {
    increment(name, labels, by) {
      one.increment(name, labels, by)
      two.increment(name, labels, by)
    },
    set(name, labels, value) {
      one.set(name, labels, value)
      two.set(name, labels, value)
    },
    observe(name, labels, seconds) {
      one.observe(name, labels, seconds)
      two.observe(name, labels, seconds)
    },
    forget(labels) {
      one.forget?.(labels)
      two.forget?.(labels)
    },
  }
}
