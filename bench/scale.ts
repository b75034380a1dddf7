import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { silentLogger } from '../src/base/log.ts'
import { readFleetSpecs } from '../src/bootstrap/index.ts'
import { type FleetWatch, watchFleet } from '../src/fleet/informers.ts'
import { fleetRepository } from '../src/fleet/repository-remote.ts'
import { scaleCluster } from '../src/fleet/scale.ts'
import { fleetView } from '../src/fleet/view.ts'
import { defaultAuthor } from '../src/forges/changes/index.ts'
import { createGitHubForge } from '../src/forges/index.ts'
import { until } from '../src/kube/watch/index.ts'
import { bootstrapLocal } from '../src/local/bootstrap-local.ts'
import { type LocalSystem, startLocal } from '../src/local/start-local.ts'
import { percentile } from './stats.ts'
import type { Benchmark, Figure } from './types.ts'

/** How long a machine of the sandbox takes to become Ready. */
const bootMs = 500
const bareName = 'the machines alone'
const clusterKind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const

/**
 * `sluice scale` by one machine, up and down: from the push to the moments at which it sees the count applied and the
 * machines Ready. The bare limit is the same count written straight to the API server, on a cluster that is in no Git,
 * watched by the same watches: what the machines themselves take.
 */
export const scaleBench: Benchmark = {
  name: 'scale',
  about: `sluice scale: commit → applied → Ready, beside a count written straight to the API server (machines of ${bootMs} ms)`,
  async run({ note, scale, signal }) {
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
    const system = await startLocal({
      dataDir,
      organization: 'acme',
      signal,
      logger: { ...silentLogger, error: note },
      machineReadyAfterMs: bootMs,
    })
    try {
      const report = await bootstrapLocal(system, { fleet: await exampleFleet(), dataDir, signal, timeoutMs: 120_000 })
      if (report.error) throw report.error
      const watch = await watchFleet(system.client, signal)
      const rounds = Math.max(4, Math.round(30 * scale))
      await makeBareCluster(system, watch, signal)
      const scaled: { total: number; applied: number; ready: number }[] = []
      const bare: number[] = []
      for (let i = 0; i < rounds; i++) {
        // Only growing waits for machines; both take turns, so that what disturbs one disturbs the other.
        bare.push(await setBare(system, watch, 2, signal))
        await setBare(system, watch, 1, signal)
        scaled.push(await setByCommit(system, dataDir, 4, signal))
        await setByCommit(system, dataDir, 3, signal)
      }
      watch.stop()
      return [0.5, 0.95].flatMap(share => {
        const limit = percentile(bare, share)
        const figure = (name: string, samples: readonly number[]): Figure => {
          const value = percentile(samples, share)
          return { name: `${name} p${share * 100}`, value, unit: 'ms' }
        }
        const ready = figure(
          'commit → Ready',
          scaled.map(one => one.ready),
        )
        const besides = { name: `${bareName} (${Math.round(limit)} ms)`, ratio: ready.value / limit }
        return [
          figure(
            'commit → applied',
            scaled.map(one => one.applied),
          ),
          { ...ready, against: besides },
          figure(
            'applied → Ready',
            scaled.map(one => one.ready - one.applied),
          ),
          figure(
            'the whole command, in process',
            scaled.map(one => one.total),
          ),
          figure(`${bareName}: count written → Ready`, bare),
        ]
      })
    } finally {
      await system.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  },
}

async function setByCommit(system: LocalSystem, dataDir: string, count: number, signal: AbortSignal) {
  const forge = createGitHubForge({ host: system.forge.url, token: system.token, userAgent: 'sluice-bench' })
  const started = performance.now()
  const { timings } = await scaleCluster({
    client: system.client,
    cluster: 'prod',
    targets: [{ group: 'web', count }],
    repositoryFor: url => fleetRepository(forge, url),
    dataDir,
    author: defaultAuthor(system.state.user, forge.host),
    clock: systemClock,
    signal,
    timeoutMs: 60_000,
  })
  return { total: performance.now() - started, applied: timings?.appliedMs ?? NaN, ready: timings?.readyMs ?? NaN }
}

/** Writes a count and waits until the fleet's view shows it, and the cluster Ready. */
async function setBare(system: LocalSystem, watch: FleetWatch, count: number, signal: AbortSignal): Promise<number> {
  const ref = { ...clusterKind, namespace: 'default', name: 'bare' }
  const started = performance.now()
  const value = { op: 'replace', path: '/spec/workerNodeGroupConfigurations/0/count', value: count }
  await system.client.patch(ref, 'json', [value])
  await bareReady(watch, count, signal)
  return performance.now() - started
}

async function bareReady({ informers }: FleetWatch, count: number, signal: AbortSignal): Promise<void> {
  const look = () => {
    const rows = fleetView({
      clusters: informers.clusters.list(),
      nodes: informers.nodes.list(),
      kustomizations: informers.kustomizations.list(),
    })
    const row = rows.find(one => one.name === 'bare')
    const group = row?.groups.find(one => one.name === 'md-0')
    return (row?.health === 'Ready' && group?.current === count && group.ready === count) || undefined
  }
  const onTimeout = () => new Error(`the bare cluster did not come to ${count} machines`)
  await until(Object.values(informers), look, { signal, timeoutMs: 60_000, onTimeout })
}

/** A cluster like `staging` that is in no repository. */
async function makeBareCluster(system: LocalSystem, watch: FleetWatch, signal: AbortSignal): Promise<void> {
  const like = await system.client.get({ ...clusterKind, namespace: 'default', name: 'staging' })
  const { gitOpsRef: _, ...spec } = like['spec'] as Record<string, unknown>
  const { apiVersion, kind } = like
  await system.client.create({ apiVersion, kind, metadata: { name: 'bare', namespace: 'default' }, spec })
  await bareReady(watch, 1, signal)
}

async function exampleFleet() {
  const folder = 'examples/eks-anywhere'
  const names = (await readdir(folder)).filter(name => name.endsWith('.yaml')).sort()
  return readFleetSpecs(
    await Promise.all(names.map(async name => ({ path: name, text: await readFile(join(folder, name), 'utf8') }))),
  )
}
