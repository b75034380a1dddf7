import type { KubeClient } from '../../kube/client/types.ts'
import type { Collector } from './registry.ts'

/** What the API server answered, by the name of client-go. */
export function clientMetrics(client: Pick<KubeClient, 'requestCounts'>): Collector {
  return function* () {
    for (const { count, code, method, host } of client.requestCounts?.() ?? []) {
      yield { name: 'rest_client_requests_total', labels: { code, host, method }, value: count }
    }
  }
}

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
