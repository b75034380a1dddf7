import type { MetricDefinition } from '../engine/metrics/catalogue.ts'
import { processMetrics } from '../engine/metrics/process-metrics.ts'
import { MetricsRegistry } from '../engine/metrics/registry.ts'
import type { Store } from '../store/index.ts'
import type { LiveHub } from './live/hub.ts'

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Every metric of the server. Labels are of our own making: no names of objects or people. */
export const serverMetricDefinitions: readonly MetricDefinition[] = [
  {
    name: 'sluice_http_requests_total',
    type: 'counter',
    help: 'Requests by method, route and status.',
    labels: ['method', 'route', 'code'],
  },
  {
    name: 'sluice_http_request_duration_seconds',
    type: 'histogram',
    help: 'Time until an answer begins, by route.',
    labels: ['route'],
    buckets: seconds,
  },
  { name: 'sluice_live_streams', type: 'gauge', help: 'Tabs that listen now.', labels: [] },
  {
    name: 'sluice_live_dropped',
    type: 'gauge',
    help: 'Tabs that were let go because they did not keep up, since the start.',
    labels: [],
  },
  {
    name: 'sluice_store_writable',
    type: 'gauge',
    help: 'Whether the database took the last write that was tried: 1, or 0 when its disk is full or it is read-only.',
    labels: [],
  },
  { name: 'sluice_jobs_running', type: 'gauge', help: 'Jobs that this server runs now.', labels: [] },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Total user and system CPU time spent in seconds.',
    labels: [],
  },
  { name: 'process_resident_memory_bytes', type: 'gauge', help: 'Resident memory size in bytes.', labels: [] },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'Start time of the process since unix epoch in seconds.',
    labels: [],
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'Process heap size used from Node.js in bytes.',
    labels: [],
  },
]

export function serverMetrics(live: LiveHub, running: () => number, store: Pick<Store, 'trouble'>): MetricsRegistry {
  const registry = new MetricsRegistry(serverMetricDefinitions)
  registry.collect(processMetrics)
  registry.collect(function* () {
    yield { name: 'sluice_live_streams', labels: {}, value: live.listeners }
    yield { name: 'sluice_live_dropped', labels: {}, value: live.dropped }
    yield { name: 'sluice_store_writable', labels: {}, value: store.trouble() === undefined ? 1 : 0 }
    yield { name: 'sluice_jobs_running', labels: {}, value: running() }
  })
  return registry
}
