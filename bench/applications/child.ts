import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { singleTenant, startEngine } from '../../src/engine/index.ts'
import { type Call, countCalls } from '../../src/engine/testing/counting-client.ts'
import { createKubeClient, loadKubeConfig } from '../../src/kube/client/index.ts'
import { computeHealth } from '../../src/kube/health/index.ts'
import { createInformer } from '../../src/kube/watch/index.ts'
import { keepHeapSmall } from '../../src/sandbox/cluster/server-heap.ts'
import { inParallel } from '../stats.ts'
import { appNames, appObjects, hostOf } from './objects.ts'
import type { ChildRequest, Usage } from './process.ts'
import { SkipClock } from './skip-clock.ts'

/** Calls on the wire at once, of the engine as of the bare client. */
const connections = 32

const kubeconfig = process.argv[3] ?? ''
const access = await loadKubeConfig({ path: kubeconfig, env: {} })
const calls: Call[] = []
const client = countCalls(createKubeClient(access, { userAgent: 'sluice-bench', connections }), calls)
const answer = (message: unknown): void => void process.send?.(message)

/** What this process has used since the last time it was asked, and apart from it what for objects of these names. */
function usage(names: readonly string[] = []): Usage {
  const cpu = process.cpuUsage()
  const byVerb: Record<string, number> = {}
  const about: Record<string, number> = {}
  for (const { verb, what } of calls.splice(0)) {
    if (what.startsWith('Lease/')) continue
    const kind = what.startsWith('Event/') ? 'event' : what.endsWith('/status') ? 'status' : verb
    byVerb[kind] = (byVerb[kind] ?? 0) + 1
    // An Event has the name of its object, a dot and a number.
    const [, name = ''] = what.replace(/^(Event\/.*)\.[0-9a-f]+$/, '$1').split('/')
    if (names.includes(name)) about[kind] = (about[kind] ?? 0) + 1
  }
  const peakMiB = process.resourceUsage().maxRSS / 1024
  return { cpuMs: (cpu.user + cpu.system) / 1000, peakMiB, calls: byVerb, about }
}

/** Applies the objects of all applications as fast as the server takes them and waits until all are healthy. */
async function applyBare(count: number, cpu: string, namespace: string): Promise<void> {
  const deployments = createInformer(
    client,
    { group: 'apps', version: 'v1', kind: 'Deployment' },
    { namespace },
    { clock: systemClock },
  )
  await deployments.synced
  const generations = new Map<string, number>()
  await inParallel(appNames(count), connections, async app => {
    for (const object of appObjects(cpu, app, hostOf(app), namespace)) {
      const applied = await client.apply(object, { fieldManager: 'bench', force: true })
      if (applied.kind === 'Deployment') generations.set(app, applied.metadata.generation ?? 0)
    }
  })
  const open = new Set(generations.keys())
  await new Promise<void>(resolve => {
    const look = (): void => {
      for (const app of open) {
        const live = deployments.get(namespace, app)
        const seen = live !== undefined && (live.metadata.generation ?? 0) >= (generations.get(app) ?? 0)
        if (seen && computeHealth(live).status === 'Current') open.delete(app)
      }
      if (open.size === 0) resolve()
    }
    deployments.subscribe(({ object }) => {
      if (open.has(object.metadata.name ?? '')) look()
    })
    look()
  })
  deployments.stop()
}

if (process.argv[2] === 'bare') {
  process.on('message', async (request: ChildRequest) => {
    if (request.do === 'apply') await applyBare(request.count, request.cpu, request.namespace)
    answer(usage())
  })
} else {
  // As `sluice engine` does.
  keepHeapSmall(50)
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-engine-'))
  const clock = new SkipClock()
  let reconciled = 0
  const engine = await startEngine({
    client,
    dataDir,
    clock,
    logger: silentLogger,
    // As the bare client: with the rights of the kubeconfig.
    tenancy: singleTenant,
    metrics: {
      increment: (name, labels) => {
        if (name === 'controller_runtime_reconcile_total' && labels['controller'] === 'kustomization') reconciled++
      },
      set() {},
      observe() {},
    },
    // So that time can be skipped.
    lease: { durationMs: 36_000_000 },
  })
  process.on('message', async (request: ChildRequest) => {
    if (request.do === 'push') return engine.notifyPush(request.push)
    if (request.do === 'pass') {
      const until = reconciled + request.count
      clock.skip(660_000)
      while (reconciled < until) await systemClock.sleep(5)
    }
    if (request.do === 'quiet') {
      // The Lease is renewed whatever happens.
      const work = (): number => calls.filter(call => !call.what.startsWith('Lease/')).length
      for (let before = -1; before !== work(); ) {
        before = work()
        await systemClock.sleep(request.forMs ?? 300)
      }
    }
    if (request.do === 'stop') {
      await engine.close()
      await rm(dataDir, { recursive: true, force: true })
    }
    answer(usage(request.do === 'quiet' ? request.about : undefined))
  })
}
process.on('disconnect', () => process.exit(0))
answer('ready')
