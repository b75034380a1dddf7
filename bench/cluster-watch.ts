import type { ClusterAccess } from '../src/kube/client/access.ts'
import { BenchClient, rate } from './cluster-client.ts'
import { prepareNamespace } from './cluster-load.ts'
import { percentile } from './stats.ts'
import type { BenchContext, Figure } from './types.ts'

const path = '/api/v1/namespaces/bench/configmaps'
const body = (name: string, value: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'bench' }, data: { value } })

/**
 * What a watch event costs with 10 000 objects and 200 open watches of them: processor time of the server for each event
 * that reached a client, and how long after a write was sent the last watcher had it.
 *
 * @param cpuMs processor time of the server so far; absent where it cannot be known.
 */
export async function measureWatches(
  access: ClusterAccess,
  { note, scale, signal }: BenchContext,
  cpuMs?: () => number,
): Promise<Figure[]> {
  const objects = Math.max(100, Math.round(10_000 * scale))
  const watches = Math.max(10, Math.round(200 * Math.min(1, scale)))
  const changes = Math.max(50, Math.round(500 * scale))
  const writer = await BenchClient.open(access, 8)
  const watcher = await BenchClient.open(access, watches)
  const stops: (() => void)[] = []
  try {
    await prepareNamespace(writer)
    note(`making ${objects} objects`)
    await rate(objects, 8, i => writer.ask('POST', path, body(`w-${i}`, 'one')))
    const list = JSON.parse(await writer.ask('GET', `${path}?limit=1`)) as { metadata: { resourceVersion: string } }
    let received = 0
    let arrived: (() => void) | undefined
    let awaited = Number.POSITIVE_INFINITY
    const onLines = (count: number) => {
      received += count
      if (received >= awaited) arrived?.()
    }
    const target = `${path}?watch=1&resourceVersion=${list.metadata.resourceVersion}`
    await Promise.all(Array.from({ length: watches }, async () => stops.push(await watcher.watch(target, onLines))))
    const change = (i: number, value: string) =>
      writer.ask('PUT', `${path}/w-${i % objects}`, body(`w-${i % objects}`, value))
    note(`${changes} changes, one after the other, seen by ${watches} watches`)
    const answers: number[] = []
    const delays: number[] = []
    for (let i = 0; i < changes; i++) {
      signal.throwIfAborted()
      awaited = received + watches
      const all = new Promise<void>(resolve => (arrived = resolve))
      const sent = performance.now()
      await change(i, `a-${i}`)
      answers.push(performance.now() - sent)
      await all
      delays.push(performance.now() - sent)
    }
    note(`${changes} changes by 8 writers`)
    const before = cpuMs?.()
    awaited = received + changes * watches
    const all = new Promise<void>(resolve => (arrived = resolve))
    const started = performance.now()
    await rate(changes, 8, i => change(i, `b-${i}`))
    await all
    const seconds = (performance.now() - started) / 1000
    const used = before === undefined || !cpuMs ? Number.NaN : cpuMs() - before
    const where = `${objects} objects, ${watches} watches`
    return [
      { name: `write → answer, p50 (${where})`, value: percentile(answers, 0.5), unit: 'ms' },
      { name: `write → the last watcher has the event, p50 (${where})`, value: percentile(delays, 0.5), unit: 'ms' },
      { name: `write → the last watcher has the event, p99 (${where})`, value: percentile(delays, 0.99), unit: 'ms' },
      { name: `events delivered (${where})`, value: (changes * watches) / seconds, unit: '1/s' },
      ...(Number.isNaN(used)
        ? []
        : [
            {
              name: `server time for 1000 delivered events (${where})`,
              value: (used / (changes * watches)) * 1000,
              unit: 'ms' as const,
            },
          ]),
    ]
  } finally {
    for (const stop of stops) stop()
    await watcher.close()
    await writer.ask('DELETE', path).catch(() => undefined)
    await writer.close()
  }
}
