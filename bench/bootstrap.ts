import { channel } from 'node:diagnostics_channel'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { silentLogger } from '../src/base/log.ts'
import { applyBootstrap, type Fleet, readFleetSpecs } from '../src/bootstrap/index.ts'
import { createGitHubForge } from '../src/forges/index.ts'
import { openMirror } from '../src/git/index.ts'
import { createKubeClient, loadKubeConfig } from '../src/kube/client/index.ts'
import { startLocal } from '../src/local/start-local.ts'
import type { BenchContext, Benchmark, Figure } from './types.ts'

const sizes = [1, 10, 50]
const agent = 'sluice-bench-bootstrap'

/** What one bootstrap of a management cluster and so many workload clusters took. */
interface Run {
  readonly workloads: number
  readonly seconds: number
  readonly planSeconds: number
  readonly commits: number
  /** Calls of the bootstrap itself to the API server, by verb. */
  readonly api: Readonly<Record<string, number>>
  /** Calls of the bootstrap itself to the API of the Git host. */
  readonly forge: number
  /** Git's own exchanges with the host, those of the engine included. */
  readonly git: number
  /** Calls of everybody else to the API server: engine, machines. */
  readonly others: number
}

/**
 * A bootstrap into nothing, and the same command again, with machines that are Ready at once. Calls are counted at the
 * servers. What grows is held against the clusters: 1 is linear, less is better.
 */
export const bootstrapBench: Benchmark = {
  name: 'bootstrap',
  about:
    'bootstrap of a management cluster with 1, 10 and 50 workload clusters: time, commits, calls, and their growth',
  async run(context) {
    const runs: Run[] = []
    const wanted = context.sizes ?? sizes.map(one => Math.max(1, Math.round(one * context.scale)))
    // The first run in a process also compiles what it runs: it is not counted.
    await measure(1, context)
    for (const workloads of [...new Set(wanted)]) {
      let best = await measure(workloads, context)
      for (let round = 1; round < (context.rounds ?? 1); round++) {
        const next = await measure(workloads, context)
        if (next.seconds < best.seconds) best = next
      }
      runs.push(best)
    }
    return runs.flatMap((run, i) => figuresOf(run, runs[i - 1]))
  },
}

async function measure(workloads: number, { signal, note }: BenchContext): Promise<Run> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const system = await startLocal({
    dataDir,
    organization: 'acme',
    signal,
    logger: { ...silentLogger, error: note },
    machineReadyAfterMs: 0,
  })
  const client = createKubeClient(await loadKubeConfig({ path: system.kubeconfigPath, env: {} }), { userAgent: agent })
  const forge = createGitHubForge({ host: system.forge.url, token: system.token, userAgent: agent })
  try {
    const context = {
      fleet: await fleetOf(workloads),
      forge,
      client,
      dataDir,
      clock: systemClock,
      logger: silentLogger,
      signal,
      timeoutMs: 300_000,
    }
    const counts = countRequests(system.state)
    const started = performance.now()
    const report = await applyBootstrap(context)
    const seconds = (performance.now() - started) / 1000
    counts.stop()
    if (report.error) throw report.error
    const again = performance.now()
    await applyBootstrap(context)
    const planSeconds = (performance.now() - again) / 1000
    const mirror = await openMirror(join(dataDir, 'count'))
    const { commit } = await mirror.fetch(forge.remote('acme', 'fleet'), 'refs/heads/main', { depth: Infinity })
    const commits = (await mirror.log(commit, { limit: 100 })).length
    mirror.close()
    return { workloads, seconds, planSeconds, commits, ...counts.seen }
  } finally {
    await client.close()
    await system.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** The example's management cluster, and copies of its small workload cluster. */
async function fleetOf(workloads: number): Promise<Fleet> {
  const read = (name: string) => readFile(join('examples/eks-anywhere', name), 'utf8')
  const small = await read('staging.yaml')
  return readFleetSpecs([
    { path: 'mgmt.yaml', text: await read('mgmt.yaml') },
    ...Array.from({ length: workloads }, (_, i) => {
      const name = `edge-${String(i + 1).padStart(3, '0')}`
      return { path: `${name}.yaml`, text: small.replaceAll('staging', name) }
    }),
  ])
}

/** Counts the requests that reach the two servers of this process. */
function countRequests(ports: { readonly forgePort: number; readonly clusterPort: number }) {
  const seen = { api: {} as Record<string, number>, forge: 0, git: 0, others: 0 }
  const listener = (message: unknown) => {
    const { request } = message as { request: IncomingMessage }
    const isOurs = request.headers['user-agent'] === agent
    const port = request.socket.localPort
    if (port === ports.clusterPort && isOurs) {
      const verb = verbOf(request)
      seen.api[verb] = (seen.api[verb] ?? 0) + 1
    } else if (port === ports.clusterPort) seen.others++
    else if (port === ports.forgePort && isOurs) seen.forge++
    else if (port === ports.forgePort) seen.git++
  }
  const requests = channel('http.server.request.start')
  requests.subscribe(listener)
  return { seen, stop: () => void requests.unsubscribe(listener) }
}

function verbOf({ method, url = '' }: IncomingMessage): string {
  if (method !== 'GET') return method?.toLowerCase() ?? ''
  return /[?&]watch=/.test(url) ? 'watch' : 'get'
}

function figuresOf(run: Run, before: Run | undefined): Figure[] {
  const total = (one: Run) => Object.values(one.api).reduce((sum, count) => sum + count, 0)
  const verbs = Object.entries(run.api)
    .sort()
    .map(([verb, count]) => `${verb} ${count}`)
    .join(', ')
  const figure = (name: string, unit: Figure['unit'], pick: (one: Run) => number): Figure => {
    const value = pick(run)
    const made: Figure = { name: `${run.workloads}: ${name}`, value, unit }
    if (!before) return made
    const linear = (pick(before) * (run.workloads + 1)) / (before.workloads + 1)
    return { ...made, against: { name: `linear growth from ${before.workloads}`, ratio: value / linear } }
  }
  return [
    figure('bootstrap', 's', one => one.seconds),
    figure('the same again', 's', one => one.planSeconds),
    figure('commits', '', one => one.commits),
    figure(`calls to the API server (${verbs})`, 'calls', total),
    figure('calls to the API of the Git host', 'calls', one => one.forge),
    figure('exchanges of git, engine included', 'calls', one => one.git),
    figure('calls of engine and machines', 'calls', one => one.others),
  ]
}
