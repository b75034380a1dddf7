/** Labels of one time series. */
export type MetricLabels = Readonly<Record<string, string>>

/**
 * Where the engine counts. Names are those of Flux's controllers, so that existing dashboards read them:
 * `gotk_reconcile_duration_seconds` (kind, name, namespace), `controller_runtime_reconcile_total` (controller, result),
 * `workqueue_depth` (name), and `sluice_engine_*` for what Flux has no word for.
 */
export interface EngineMetrics {
  /** Adds to a counter. */
  increment(name: string, labels: MetricLabels, by?: number): void
  /** Sets a gauge. */
  set(name: string, labels: MetricLabels, value: number): void
  /** Adds one observation, in seconds, to a histogram. */
  observe(name: string, labels: MetricLabels, seconds: number): void
}

/** Counts nothing: the default. */
export const noMetrics: EngineMetrics = { increment() {}, set() {}, observe() {} }
