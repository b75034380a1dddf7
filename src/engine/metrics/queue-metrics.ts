import type { EngineMetrics } from '../metrics.ts'
import type { QueueObserver } from '../queue/work-queue.ts'

/** Counts what a controller's queue does, by the names of controller-runtime. */
export function queueMetrics(
  metrics: EngineMetrics,
  controller: string,
  concurrency: number,
): { observer: QueueObserver } {
  const labels = { name: controller, controller }
  const own = { controller }
  let active = 0
  metrics.set('controller_runtime_max_concurrent_reconciles', own, concurrency)
  return {
    observer: {
      depth: depth => metrics.set('workqueue_depth', labels, depth),
      added: () => metrics.increment('workqueue_adds_total', labels),
      started: waitedMs => {
        metrics.observe('workqueue_queue_duration_seconds', labels, waitedMs / 1000)
        metrics.set('controller_runtime_active_workers', own, ++active)
      },
      ended: (tookMs, threw) => {
        metrics.observe('workqueue_work_duration_seconds', labels, tookMs / 1000)
        metrics.observe('controller_runtime_reconcile_time_seconds', own, tookMs / 1000)
        metrics.set('controller_runtime_active_workers', own, --active)
        if (threw) {
          metrics.increment('workqueue_retries_total', labels)
          countReconcile(metrics, controller, true)
        }
      },
    },
  }
}

/** Counts one reconcile. */
export function countReconcile(metrics: EngineMetrics, controller: string, failed: boolean): void {
  metrics.increment('controller_runtime_reconcile_total', { controller, result: failed ? 'error' : 'success' })
  if (failed) metrics.increment('controller_runtime_reconcile_errors_total', { controller })
}
