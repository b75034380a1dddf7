import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { valueAt } from '../base/json.ts'
import { watchLost } from '../forges/changes/watch-lost.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { type Informer, type LookAgain, until } from '../kube/watch/index.ts'
import { formatSize, type Size } from '../specs/index.ts'
import type { FleetSync } from './find-sync.ts'
import type { FleetWatch } from './informers.ts'
import type { ClusterRow, NodeGroupRow } from './types.ts'
import { fleetView } from './view.ts'

/** The collections that following reads; all of them kept by watches. */
export interface FleetInformers {
  readonly clusters: Informer
  readonly nodes: Informer
  readonly kustomizations: Informer
  readonly sources: Informer
}

/** A size that a group must come to. */
export interface Target {
  readonly namespace: string
  readonly cluster: string
  readonly group: string
  readonly count: Size
}

/** How far a commit has come; each stage includes the ones before it. */
export type FollowStage = 'committed' | 'fetched' | 'applied' | 'ready'

export interface FollowProgress {
  readonly stage: FollowStage
  /** Reading of the clock's monotonic time when the stage was reached, in milliseconds. */
  readonly at: number
  /** What is still awaited, in one sentence; undefined once ready. */
  readonly waitingFor: string | undefined
}

export interface FollowOptions {
  readonly informers: FleetInformers
  readonly sync: FleetSync
  readonly commit: string
  readonly targets: readonly Target[]
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onProgress?: (progress: FollowProgress) => void
  /** Whether another commit stands on top of the followed one: then its failure is the followed one's, too. */
  readonly isAbove?: (commit: string) => Promise<boolean>
  /** Whether the branch does not hold the commit any more: then nothing will ever fetch it. */
  readonly isLost?: () => Promise<boolean>
  /** Why the watches bring nothing, as `watchFleet` tells it. */
  readonly trouble?: Pick<FleetWatch, 'trouble' | 'onTrouble'>
}

/** When each stage was reached: readings of the clock's monotonic time, in milliseconds. */
export interface FollowResult {
  readonly fetchedAt: number
  readonly appliedAt: number
  readonly readyAt: number
}

/**
 * Follows a commit until the cluster agrees with it: fetched by the source, applied by the Kustomization, and every target
 * group Ready with exactly its count. It reads watches only; nothing is polled.
 *
 * @throws E_FLEET_NOT_APPLIED when the engine reports a failure for the commit, E_FLEET_FOLLOW_TIMEOUT
 */
export async function followCommit(options: FollowOptions): Promise<FollowResult> {
  const { informers, clock } = options
  const initial = appliedRevision(options)
  const reached: Partial<Record<FollowStage, number>> = {}
  let said: string | undefined
  const later = watchLater(options)
  const lost = watchLost({
    clock,
    revision: () => sourceRevision(options),
    isThere: revision => revisionHas(revision, options.commit),
    isLost: options.isLost,
    problem: () =>
      new SluiceError('E_FLEET_COMMIT_LOST', {
        object: `${options.sync.branch} of ${options.sync.url}`,
        expected: `commit ${options.commit.slice(0, 7)}, which was pushed there`,
        seen: 'a branch without it',
      }),
  })
  const look = (again?: LookAgain): FollowResult | undefined => {
    const failure = failureOf(options)
    if (failure) throw failure
    later.look()
    lost.look(again)
    const stage = stageOf(options, initial)
    const at = clock.monotonic()
    for (const one of stagesUpTo(stage)) reached[one] ??= at
    const waiting = stage === 'ready' ? undefined : awaited(options)
    if (`${stage} ${waiting}` !== said) options.onProgress?.({ stage, at, waitingFor: waiting })
    said = `${stage} ${waiting}`
    return stage === 'ready'
      ? { fetchedAt: reached.fetched ?? at, appliedAt: reached.applied ?? at, readyAt: at }
      : undefined
  }
  const object = `commit ${options.commit.slice(0, 7)}`
  const onTimeout = () => new SluiceError('E_FLEET_FOLLOW_TIMEOUT', { object, seen: awaited(options) })
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  // Told only; what has been reached is looked at when the watches bring something.
  const off = options.trouble?.onTrouble(() => {
    if (said !== undefined)
      options.onProgress?.({ stage: 'committed', at: clock.monotonic(), waitingFor: awaited(options) })
  })
  try {
    const reached = until(Object.values(informers), look, { signal, timeoutMs: options.timeoutMs, onTimeout })
    reached.catch(() => {})
    return await Promise.race([reached, later.failed, lost.failed])
  } finally {
    off?.()
    stop.abort()
  }
}

/**
 * A push on top of ours may reach the engine first, and fail: then the revision of ours is never tried by itself, and
 * waiting for it would not end. Rejects with that failure once the newer commit is known to hold ours.
 */
function watchLater(options: FollowOptions): { look(): void; readonly failed: Promise<never> } {
  const asked = new Set<string>()
  let reject: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, no) => {
    reject = no
  })
  failed.catch(() => {})
  const look = (): void => {
    const { informers, sync } = options
    const attempted = valueAt(informers.kustomizations.get(sync.namespace, sync.kustomizationName), [
      'status',
      'lastAttemptedRevision',
    ])
    const other = typeof attempted === 'string' ? attempted.slice(attempted.lastIndexOf(':') + 1) : ''
    const failure = failureOf({ ...options, commit: other })
    if (!failure || other === options.commit || asked.has(other) || !options.isAbove) return
    asked.add(other)
    // Who cannot be asked leaves the wait as it was.
    options.isAbove(other).then(
      above => above && reject(failure),
      () => asked.delete(other),
    )
  }
  return { look, failed }
}

const stages: readonly FollowStage[] = ['committed', 'fetched', 'applied', 'ready']

function stagesUpTo(stage: FollowStage): readonly FollowStage[] {
  return stages.slice(0, stages.indexOf(stage) + 1)
}

function stageOf(options: FollowOptions, initial: unknown): FollowStage {
  const { informers, targets } = options
  const rows = rowsOf(informers)
  const applied = targets.length > 0 ? targets.every(target => specHas(rows, target)) : isApplied(options)
  // A later push may take the place of ours before it was applied: with its targets met, the change has arrived all the same.
  const revision = appliedRevision(options)
  const reported = isApplied(options) || (targets.length > 0 && revision !== undefined && revision !== initial)
  if (applied && reported && targets.every(target => isMet(rows, target))) return 'ready'
  // The objects change a moment before the Kustomization reports the revision: what is in the cluster counts.
  if (applied) return 'applied'
  return revisionHas(sourceRevision(options), options.commit) ? 'fetched' : 'committed'
}

function appliedRevision({ informers, sync }: FollowOptions): unknown {
  return valueAt(informers.kustomizations.get(sync.namespace, sync.kustomizationName), [
    'status',
    'lastAppliedRevision',
  ])
}

function sourceRevision({ informers, sync }: FollowOptions): unknown {
  return valueAt(informers.sources.get(sync.namespace, sync.sourceName), ['status', 'artifact', 'revision'])
}

function isApplied(options: FollowOptions): boolean {
  return revisionHas(appliedRevision(options), options.commit)
}

function failureOf({ informers, sync, commit }: FollowOptions): SluiceError | undefined {
  const kustomization = informers.kustomizations.get(sync.namespace, sync.kustomizationName)
  const attempted = valueAt(kustomization, ['status', 'lastAttemptedRevision'])
  if (!kustomization || !revisionHas(attempted, commit)) return undefined
  const ready = conditionOf(kustomization, 'Ready')
  const failures = ['BuildFailed', 'ReconciliationFailed', 'PruneFailed', 'ArtifactFailed', 'HealthCheckFailed']
  if (ready?.status !== 'False' || !failures.includes(ready.reason ?? '')) return undefined
  return new SluiceError('E_FLEET_NOT_APPLIED', {
    object: `Kustomization/${sync.namespace}/${sync.kustomizationName} at ${commit.slice(0, 7)}`,
    seen: `${ready.reason}: ${ready.message ?? ''}`,
  })
}

/** Revisions look like `main@sha1:<hash>` or `sha1:<hash>`. */
export function revisionHas(revision: unknown, commit: string): boolean {
  return typeof revision === 'string' && revision.endsWith(`:${commit}`)
}

function rowsOf(informers: FleetInformers): ClusterRow[] {
  return fleetView({
    clusters: informers.clusters.list(),
    nodes: informers.nodes.list(),
    kustomizations: informers.kustomizations.list(),
  })
}

function groupOf(rows: readonly ClusterRow[], target: Target) {
  const row = rows.find(one => one.name === target.cluster && one.namespace === target.namespace)
  return { row, group: row?.groups.find(one => one.name === target.group) }
}

function specHas(rows: readonly ClusterRow[], target: Target): boolean {
  const { group } = groupOf(rows, target)
  return group !== undefined && hasSize(group, target.count)
}

function isMet(rows: readonly ClusterRow[], target: Target): boolean {
  const { row, group } = groupOf(rows, target)
  if (row?.health !== 'Ready' || !group || !hasSize(group, target.count)) return false
  // How many nodes there are within new bounds is for the autoscaler to say, in its own time.
  if (typeof target.count !== 'number') return group.ready === group.current
  return group.current === target.count && group.ready === target.count
}

function hasSize({ autoscaling, wanted }: NodeGroupRow, size: Size): boolean {
  if (typeof size === 'number') return wanted === size
  return autoscaling?.min === size.min && autoscaling.max === size.max
}

function awaited(options: FollowOptions): string {
  const trouble = options.trouble?.trouble()
  return trouble === undefined ? waitingFor(options) : `${waitingFor(options)}; the cluster does not answer: ${trouble}`
}

function waitingFor(options: FollowOptions): string {
  const { informers, sync, commit } = options
  const source = informers.sources.get(sync.namespace, sync.sourceName)
  if (!revisionHas(valueAt(source, ['status', 'artifact', 'revision']), commit)) {
    return `GitRepository/${sync.namespace}/${sync.sourceName} to fetch ${commit.slice(0, 7)}${said(source)}`
  }
  if (!isApplied(options)) {
    const kustomization = informers.kustomizations.get(sync.namespace, sync.kustomizationName)
    return `Kustomization/${sync.namespace}/${sync.kustomizationName} to apply ${commit.slice(0, 7)}${said(kustomization)}`
  }
  const rows = rowsOf(informers)
  for (const target of options.targets) {
    if (isMet(rows, target)) continue
    const { row, group } = groupOf(rows, target)
    const nodes = `${group?.ready ?? 0} of ${formatSize(target.count)} nodes of ${target.cluster}/${target.group} are Ready`
    return row?.message ? `${nodes}: ${row.message}` : nodes
  }
  return 'nothing'
}

function said(object: KubeObject | undefined): string {
  if (valueAt(object, ['spec', 'suspend']) === true) {
    const kind = object?.kind === 'GitRepository' ? 'source git' : 'kustomization'
    const { namespace, name } = object?.metadata ?? {}
    return ` (it is suspended: sluice resume ${kind} ${name} -n ${namespace})`
  }
  const ready = object && conditionOf(object, 'Ready')
  return ready && ready.status !== 'True' && ready.message ? ` (${ready.message})` : ''
}

/** Milliseconds from a moment to each stage. */
export interface FollowTimings {
  readonly fetchedMs: number
  readonly appliedMs: number
  readonly readyMs: number
}

export function timingsSince(start: number, reached: FollowResult): FollowTimings {
  const ms = (at: number) => Math.max(0, at - start)
  return { fetchedMs: ms(reached.fetchedAt), appliedMs: ms(reached.appliedAt), readyMs: ms(reached.readyAt) }
}
