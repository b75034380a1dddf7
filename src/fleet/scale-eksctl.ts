import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { valueAt } from '../base/json.ts'
import { silentLogger } from '../base/log.ts'
import { unifiedDiff } from '../base/text-diff.ts'
import type { Mirror } from '../git/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { createInformer, until } from '../kube/watch/index.ts'
import {
  type EksctlCluster,
  eksctlClusterKind,
  formatProblem,
  formatSize,
  type GroupSize,
  type GroupSizeChange,
  groupSizes,
  readClusterConfig,
  type Size,
  type SizeChange,
  setGroupSize,
} from '../specs/index.ts'
import type { PlannedScale } from './commit-scale.ts'
import { commitWish } from './commit-wish.ts'
import type { FleetSync } from './find-sync.ts'
import { type FollowResult, timingsSince } from './follow.ts'
import { gitRepositoryKind, listIfKnown } from './read-fleet.ts'
import type { ScalePlan, ScaleRequest, ScaleResult } from './scale.ts'
import { boundsHint } from './set-count.ts'

/** The eksctl cluster of this name, if the fleet has one. */
export async function findEksctlCluster(
  client: KubeClient,
  name: string,
  signal: AbortSignal,
): Promise<EksctlCluster | undefined> {
  const found = await listIfKnown(client, eksctlClusterKind, signal)
  return found.find(one => one.metadata.name === name) as EksctlCluster | undefined
}

/**
 * Scales groups of an eksctl cluster: one commit to its ClusterConfig, in which only the numbers change, then follows it
 * until AWS has the counts. The file stays one that eksctl takes.
 *
 * @throws E_FLEET_…, E_GIT_…
 */
export async function scaleEksctl(
  request: ScaleRequest,
  sync: FleetSync,
  cluster: EksctlCluster,
  mirror: Mirror,
): Promise<ScaleResult> {
  const file = { path: cluster.spec.configPath, cluster: request.cluster, eksctl: cluster }
  const done = await commitWish(request, sync, mirror, {
    fileIn: async () => file,
    plan: (wish, tree) => planEksctlScale(wish, sync, cluster, tree),
  })
  const { plan } = done.planned
  if (done.commit === undefined) return { ...plan, commit: undefined, timings: undefined }
  const start = request.clock.monotonic()
  const reached = await followGroups(request, sync, cluster, done.commit, plan.counts)
  return {
    ...plan,
    commit: done.pushed ? done.commit : undefined,
    ...(done.pullRequest === undefined ? {} : { pullRequest: done.pullRequest }),
    timings: timingsSince(start, reached),
  }
}

async function planEksctlScale(
  request: ScaleRequest,
  sync: FleetSync,
  cluster: EksctlCluster,
  tree: FileTree,
): Promise<PlannedScale> {
  const path = cluster.spec.configPath
  const text = (await tree.read(path))?.toString('utf8')
  if (text === undefined) throw new SluiceError('E_EKSCTL_CONFIG_MISSING', { object: `${path} on ${sync.branch}` })
  let changed = text
  const counts: SizeChange[] = []
  for (const { group, count } of request.targets) {
    const edit = setEksctlCount(changed, path, cluster, group, count)
    changed = edit.text
    counts.push({ group, from: edit.from, to: count })
  }
  return {
    plan: { path, branch: sync.branch, diff: unifiedDiff(path, text, changed), counts },
    changes: changed === text ? [] : [{ path, content: changed }],
  }
}

/**
 * The text of a ClusterConfig with the count of one group set.
 *
 * @throws E_FLEET_GROUP_UNKNOWN, E_FLEET_SCALE_REFUSED for a group of the autoscaler's, or a count outside of its bounds
 */
export function setEksctlCount(
  text: string,
  path: string,
  cluster: Pick<EksctlCluster, 'spec' | 'metadata'>,
  group: string,
  count: Size,
): { readonly text: string; readonly from: Size } {
  const { found, problems } = readClusterConfig({ path, text })
  const object = `${cluster.metadata.name}/${group}`
  const sizes = found ? groupSizes(found.config) : []
  const size = sizes.find(one => one.name === group)
  if (!found || problems.length > 0) {
    throw new SluiceError('E_FLEET_SCALE_REFUSED', { object, seen: problems.map(formatProblem).join('; ') })
  }
  if (!size) {
    throw new SluiceError('E_FLEET_GROUP_UNKNOWN', {
      object: `EksctlCluster/${cluster.metadata.name}`,
      expected: sizes.map(one => one.name).join(', ') || 'a group in the file',
      seen: group,
    })
  }
  const theirs = size.autoscaled || (cluster.spec.autoscaled ?? []).includes(group)
  if (typeof count === 'number' && (theirs || (size.desired === undefined && size.min < size.max))) {
    throw new SluiceError('E_FLEET_SCALE_REFUSED', {
      object,
      seen: `a group that the autoscaler sizes between ${size.min} and ${size.max}`,
      next: boundsHint(cluster.metadata.name ?? '', group, size, count),
    })
  }
  const changed = setGroupSize(text, size.kind, group, sizeFields(size, count)) ?? text
  const after = readClusterConfig({ path, text: changed })
  if (after.problems.length > 0) {
    throw new SluiceError('E_FLEET_SCALE_REFUSED', {
      object,
      seen: after.problems.map(formatProblem).join('; '),
      next: `Change its bounds first, as in \`sluice scale ${cluster.metadata.name} ${group}=MIN..MAX\`.`,
    })
  }
  const from = typeof count === 'number' ? (size.desired ?? size.min) : { min: size.min, max: size.max }
  return { text: changed, from }
}

/** The fields to set for a size. A count that the file has must lie inside of the bounds. */
function sizeFields({ desired }: GroupSize, size: Size): GroupSizeChange {
  if (typeof size === 'number') return { desiredCapacity: size }
  const bounds = { minSize: size.min, maxSize: size.max }
  const wanted = size.count ?? desired
  const fitting = wanted === undefined ? undefined : Math.min(Math.max(wanted, size.min), size.max)
  return fitting === undefined || fitting === desired ? bounds : { ...bounds, desiredCapacity: fitting }
}

/** Ends the wait for what no waiting mends: a target that failed, a file or credentials that cannot be used. */
function refuseFailure(object: EksctlCluster | undefined, counts: ScalePlan['counts']): void {
  const ready = conditionOf(object as KubeObject | undefined, 'Ready')
  const hopeless = ['BuildFailed', 'ArtifactFailed', 'AuthenticationFailed', 'AccessDenied']
  const failed = object?.status?.groups?.find(
    one => (one.state === 'Failed' || one.state === 'Refused') && counts.some(({ group }) => group === one.name),
  )
  const whole = ready?.status === 'False' && hopeless.includes(ready.reason ?? '') ? ready.message : undefined
  if (failed === undefined && whole === undefined) return
  const what = failed === undefined ? '' : `/${failed.name}`
  throw new SluiceError('E_FLEET_NOT_APPLIED', {
    object: `EksctlCluster/${object?.metadata.name}${what}`,
    seen: failed?.message ?? whole ?? '',
  })
}

/** Waits until the source has the commit, the reconciler has read it, and AWS has the counts. */
export async function followGroups(
  request: ScaleRequest,
  sync: FleetSync,
  cluster: EksctlCluster,
  commit: string,
  counts: ScalePlan['counts'],
): Promise<FollowResult> {
  const { client, clock, signal, timeoutMs } = request
  const deps = { clock, logger: silentLogger }
  const { namespace = '', name = '' } = cluster.metadata
  const clusters = createInformer(client, eksctlClusterKind, { namespace }, deps)
  const sources = createInformer(client, gitRepositoryKind, { namespace }, deps)
  const has = (revision: unknown) => typeof revision === 'string' && revision.endsWith(`:${commit}`)
  let fetchedAt: number | undefined
  let appliedAt: number | undefined
  let waiting = 'the watches to open'
  let said = ''
  try {
    const look = (): FollowResult | undefined => {
      const now = clock.monotonic()
      const object = clusters.get(namespace, name) as EksctlCluster | undefined
      const source = sources.get(sync.namespace, sync.sourceName)
      if (has(valueAt(source, ['status', 'artifact', 'revision']))) fetchedAt ??= now
      if (has(object?.status?.lastAttemptedRevision)) {
        fetchedAt ??= now
        appliedAt ??= now
        refuseFailure(object, counts)
        const late = counts.find(({ group, to }) => {
          const one = object?.status?.groups?.find(each => each.name === group)
          if (one?.state !== 'InSync') return true
          if (typeof to !== 'number') return one.live?.min !== to.min || one.live.max !== to.max
          return one.live?.desired !== to || one.nodes !== to
        })
        if (late === undefined && fetchedAt !== undefined) return { fetchedAt, appliedAt, readyAt: now }
        const one = object?.status?.groups?.find(each => each.name === late?.group)
        waiting = `${late?.group}: ${one?.nodes ?? 0} of ${late && formatSize(late.to)} nodes${one?.message ? ` (${one.message})` : ''}`
      } else {
        waiting =
          fetchedAt === undefined
            ? `the source to fetch ${commit.slice(0, 7)}`
            : `node groups to be looked at (is \`sluice nodegroups run\` running?)`
      }
      const stage = appliedAt === undefined ? (fetchedAt === undefined ? 'committed' : 'fetched') : 'applied'
      if (said !== waiting) request.onProgress?.({ stage, at: now, waitingFor: waiting })
      said = waiting
      return undefined
    }
    const onTimeout = () => new SluiceError('E_FLEET_FOLLOW_TIMEOUT', { seen: `still waiting for ${waiting}` })
    const reached = await until([clusters, sources], look, { signal, timeoutMs, onTimeout })
    request.onProgress?.({ stage: 'ready', at: reached.readyAt, waitingFor: undefined })
    return reached
  } finally {
    clusters.stop()
    sources.stop()
  }
}
