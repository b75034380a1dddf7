import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { Logger } from '../base/log.ts'
import type { BootstrapEvent, Fleet } from '../bootstrap/index.ts'
import { findFleetSync } from '../fleet/find-sync.ts'
import { followCommit } from '../fleet/follow.ts'
import { type FleetWatch, watchFleet } from '../fleet/informers.ts'
import { readFleet } from '../fleet/read-fleet.ts'
import { setCount } from '../fleet/set-count.ts'
import { type ClusterRow, controlPlaneGroup, type NodeGroupRow } from '../fleet/types.ts'
import { clusterPaths } from '../layout/index.ts'
import { bootstrapLocal } from './bootstrap-local.ts'
import { type Checkout, cloneAsPerson } from './git-person.ts'
import { type LocalSystem, startLocal } from './start-local.ts'

/** What a demo measured. */
export interface DemoResult {
  readonly converged: boolean
  readonly steps: readonly { readonly name: string; readonly seconds: number }[]
  readonly scale: readonly ScaleTiming[]
}

/** One push that changed a count, timed from the moment at which the Git host had taken the push. */
export interface ScaleTiming {
  readonly cluster: string
  readonly group: string
  readonly from: number
  readonly to: number
  readonly pushToFetchedMs: number
  readonly pushToAppliedMs: number
  readonly pushToReadyMs: number
}

export interface DemoOptions {
  readonly fleet: Fleet
  /** Folder for the sandbox; a temporary one that is removed afterwards when absent. */
  readonly dataDir?: string
  readonly signal: AbortSignal
  /** How long each stage may take, in milliseconds. */
  readonly timeoutMs: number
  readonly logger: Logger
  readonly onBootstrapEvent?: (event: BootstrapEvent) => void
  readonly onNote?: (text: string) => void
  /** Told of each step as it ends. */
  readonly onStep?: (step: { readonly name: string; readonly seconds: number }) => void
}

/**
 * The loop without a person: bootstrap, a real `git push` that changes a worker count, then pushes that scale a workload
 * cluster to zero and back; each followed until the Node objects match.
 *
 * @throws whatever stops it from converging
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const temporary = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'sluice-demo-')) : undefined
  const dataDir = options.dataDir ?? temporary ?? ''
  const steps: { name: string; seconds: number }[] = []
  const record = (name: string, seconds: number) => {
    const step = { name, seconds: round(seconds) }
    steps.push(step)
    options.onStep?.(step)
  }
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    const result = await work()
    record(name, (performance.now() - started) / 1000)
    return result
  }
  let pushedAt = 0
  try {
    const system = await timed('start', () =>
      startLocal({
        dataDir,
        organization: options.fleet.owner,
        systemNamespace: options.fleet.namespace,
        signal: options.signal,
        logger: options.logger,
        onPush: () => {
          pushedAt = performance.now()
        },
      }),
    )
    try {
      const report = await bootstrapLocal(system, {
        ...options,
        dataDir,
        ...(options.onBootstrapEvent ? { onEvent: options.onBootstrapEvent } : {}),
      })
      for (const { id, seconds } of report.steps) record(id, seconds)
      if (report.error) throw report.error
      const scale = await scaleByPush(system, options, timed, () => pushedAt)
      return { converged: true, steps, scale }
    } finally {
      await system.close()
    }
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
  }
}

async function scaleByPush(
  system: LocalSystem,
  options: DemoOptions,
  timed: <T>(name: string, work: () => Promise<T>) => Promise<T>,
  pushedAt: () => number,
): Promise<ScaleTiming[]> {
  const { signal } = options
  const sync = await findFleetSync(system.client, signal)
  const { row, group } = scalableGroup(await readFleet(system.client, signal))
  const count = group.wanted ?? 0
  const folder = await mkdtemp(join(tmpdir(), 'sluice-demo-clone-'))
  const watch = await watchFleet(system.client, signal)
  try {
    const checkout = await timed('clone', () =>
      cloneAsPerson({
        url: sync.url,
        token: system.token,
        user: system.state.user,
        branch: sync.branch,
        folder,
        signal,
      }),
    )
    const results: ScaleTiming[] = []
    for (const to of [count + 2, 0, count]) {
      const name = `scale ${row.name} ${group.name} to ${to}`
      options.onNote?.(`git push: ${name}`)
      results.push(
        await timed(name, () => pushCount({ system, options, checkout, watch, sync, row, group, to, pushedAt })),
      )
    }
    return results
  } finally {
    watch.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The first worker group of a workload cluster that has a count of its own. */
function scalableGroup(rows: readonly ClusterRow[]): { row: ClusterRow; group: NodeGroupRow } {
  for (const row of rows.filter(one => one.role === 'workload')) {
    const group = row.groups.find(one => one.name !== controlPlaneGroup && one.wanted !== undefined)
    if (group) return { row, group }
  }
  throw new SluiceError('E_DEMO_NOTHING_TO_SCALE')
}

async function pushCount(work: {
  readonly system: LocalSystem
  readonly options: DemoOptions
  readonly checkout: Checkout
  readonly watch: FleetWatch
  readonly sync: Awaited<ReturnType<typeof findFleetSync>>
  readonly row: ClusterRow
  readonly group: NodeGroupRow
  readonly to: number
  readonly pushedAt: () => number
}): Promise<ScaleTiming> {
  const { checkout, row, group, to, sync, options } = work
  const path = clusterPaths(sync.path, row.name).spec
  const change = setCount(await checkout.read(path), row.name, group.name, to)
  await checkout.write(path, change.text)
  const commit = await checkout.commit(`Scale ${row.name} ${group.name} from ${change.from} to ${to}`)
  // Following begins before the push, so that no stage is seen late.
  const following = followCommit({
    informers: work.watch.informers,
    sync,
    commit,
    targets: [{ namespace: row.namespace, cluster: row.name, group: group.name, count: to }],
    clock: systemClock,
    timeoutMs: options.timeoutMs,
    signal: options.signal,
  })
  following.catch(() => {})
  await checkout.push()
  const reached = await following
  const since = (at: number) => round(Math.max(0, at - work.pushedAt()), 10)
  return {
    cluster: row.name,
    group: group.name,
    from: change.from,
    to,
    pushToFetchedMs: since(reached.fetchedAt),
    pushToAppliedMs: since(reached.appliedAt),
    pushToReadyMs: since(reached.readyAt),
  }
}

function round(value: number, per = 1000): number {
  return Math.round(value * per) / per
}
