import type { Collector } from './registry.ts'

const startedAt = Date.now() / 1000 - process.uptime()

/** What the process takes. */
export const processMetrics: Collector = function* () {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const one = (name: string, value: number) => ({ name, labels: {}, value })
  yield one('process_cpu_seconds_total', (user + system) / 1e6)
  yield one('process_resident_memory_bytes', rss)
  yield one('process_start_time_seconds', startedAt)
  yield one('nodejs_heap_size_used_bytes', heapUsed)
}
