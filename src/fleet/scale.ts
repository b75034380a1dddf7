import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { unifiedDiff } from '../base/text-diff.ts'
import type { ReviewEvent, ReviewMode } from '../forges/changes/index.ts'
import { type Commit, type CommitAuthor, type CommitSigner, type Mirror, withMirror } from '../git/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { formatFieldError } from '../kube/field-error-format.ts'
import type { KubeObject } from '../kube/object.ts'
import { readFleetTree } from '../layout/index.ts'
import { type AppliedGuardrail, clusterKind, type Size, type SizeChange } from '../specs/index.ts'
import type { PlannedScale } from './commit-scale.ts'
import { commitWish } from './commit-wish.ts'
import { type FleetSync, findFleetSync } from './find-sync.ts'
import { type FollowProgress, type FollowTimings, followCommit, type Target, timingsSince } from './follow.ts'
import { type FleetWatch, watchFleet } from './informers.ts'
import type { FleetRepository } from './repository-remote.ts'
import { findEksctlCluster, scaleEksctl } from './scale-eksctl.ts'
import { setCount } from './set-count.ts'

/** A size to set: a count, or the bounds of a group that the autoscaler sizes. */
export interface ScaleTarget {
  readonly group: string
  readonly count: Size
}

export interface ScaleRequest {
  readonly client: KubeClient
  readonly cluster: string
  /** Sizes to set; empty for a revert. */
  readonly targets: readonly ScaleTarget[]
  /** Undo a commit: the one whose id begins so, or the last scale of the cluster. */
  readonly revert?: string | true | undefined
  /** Gives the repository that the cluster follows, from its address. */
  readonly repositoryFor: (url: string) => FleetRepository
  /** How the change comes to the branch; `auto` when absent. */
  readonly review?: ReviewMode
  /** How long to wait for a request to be merged, in milliseconds. */
  readonly reviewTimeoutMs?: number | undefined
  /** Folder for the temporary mirror. */
  readonly dataDir: string
  readonly author: CommitAuthor
  /** The author when absent. */
  readonly committer?: CommitAuthor | undefined
  readonly signer?: CommitSigner | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Only say what would be committed. */
  readonly dryRun?: boolean
  readonly onRevert?: (commit: Commit) => void
  readonly onPlan?: (plan: ScalePlan) => void
  readonly onCommit?: (commit: string) => void
  readonly onReview?: (event: ReviewEvent) => void
  readonly onProgress?: (progress: FollowProgress) => void
}

/** What a scale changes in Git. */
export interface ScalePlan {
  readonly path: string
  readonly branch: string
  readonly diff: string
  readonly counts: readonly SizeChange[]
  /** The limits of `sluice.yaml` that are about the change. */
  readonly guardrails?: readonly AppliedGuardrail[]
  /** The commit's message; for a dry run. */
  readonly message?: string
  /** Why the change goes through a pull or merge request; undefined when it is pushed, or not known yet. */
  readonly review?: string
}

export interface ScaleResult extends ScalePlan {
  /** The commit that was made; undefined when Git had the counts already, or for a dry run. */
  readonly commit: string | undefined
  /** Page of the request that it came by. */
  readonly pullRequest?: string
  /** Milliseconds from the push to each stage; undefined when nothing was followed. */
  readonly timings: FollowTimings | undefined
}

/**
 * Changes counts of one cluster by one commit in Git and follows it until the nodes match. Nothing but the number
 * changes in the file; the changed spec must keep every rule that the API server checks. Where the branch takes no pushes,
 * the commit goes through a pull or merge request, whose merge is awaited.
 *
 * @throws E_FLEET_…, E_GIT_…
 */
export async function scaleCluster(request: ScaleRequest): Promise<ScaleResult> {
  const { client, signal } = request
  const sync = await findFleetSync(client, signal)
  const eksctl = await findEksctlCluster(client, request.cluster, signal)
  const watch = request.dryRun || eksctl ? undefined : await watchFleet(client, signal)
  try {
    return await withMirror(request, 'scale', mirror => scaleIn(request, sync, { eksctl, watch, mirror }))
  } finally {
    watch?.stop()
  }
}

/** What a scale works with. */
interface ScaleParts {
  readonly eksctl: Awaited<ReturnType<typeof findEksctlCluster>>
  readonly watch: FleetWatch | undefined
  readonly mirror: Mirror
}

async function scaleIn(request: ScaleRequest, sync: FleetSync, parts: ScaleParts): Promise<ScaleResult> {
  const { eksctl, watch, mirror } = parts
  if (eksctl) return await scaleEksctl(request, sync, eksctl, mirror)
  const done = await commitWish(request, sync, mirror, {
    fileIn: async tree => ({ path: (await clusterFile(request, sync, tree)).path, cluster: request.cluster }),
    plan: (wish, tree) => planScale(wish, sync, tree),
  })
  const { planned, commit, pushed, pullRequest } = done
  if (commit === undefined || watch === undefined) return { ...planned.plan, commit: undefined, timings: undefined }
  const targets = planned.plan.counts.map(({ group, to }) => ({
    namespace: planned.namespace,
    cluster: request.cluster,
    group,
    count: to,
  }))
  const timings = await followTargets({ request, sync, watch, mirror }, commit, targets)
  return {
    ...planned.plan,
    commit: pushed ? commit : undefined,
    ...(pullRequest === undefined ? {} : { pullRequest }),
    timings,
  }
}

/** What following needs besides the commit. */
export interface FollowContext {
  readonly request: Omit<ScaleRequest, 'targets'>
  readonly sync: FleetSync
  readonly watch: FleetWatch
  readonly mirror: Mirror
}

/** Follows a commit of ours until the targets are met. */
export async function followTargets(
  { request, sync, watch, mirror }: FollowContext,
  commit: string,
  targets: readonly Target[],
): Promise<FollowTimings> {
  const { clock, signal, timeoutMs } = request
  const { remote } = request.repositoryFor(sync.url)
  const ref = `refs/heads/${sync.branch}`
  const start = clock.monotonic()
  const reached = await followCommit({
    informers: watch.informers,
    sync,
    commit,
    targets,
    clock,
    timeoutMs,
    signal,
    isAbove: async other => {
      await mirror.fetch(remote, ref, { signal })
      return await mirror.holds(other, commit, signal)
    },
    isLost: async () => {
      const { commit: tip } = await mirror.fetch(remote, ref, { signal })
      return !(await mirror.holds(tip, commit, signal))
    },
    trouble: watch,
    ...(request.onProgress ? { onProgress: request.onProgress } : {}),
  })
  return timingsSince(start, reached)
}

interface Planned extends PlannedScale {
  readonly namespace: string
}

/** The file of a cluster in a commit. Fails with E_FLEET_CLUSTER_UNKNOWN. */
export async function clusterFile(
  { cluster }: { readonly cluster: string },
  sync: Pick<FleetSync, 'path' | 'namespace'>,
  tree: FileTree,
): Promise<{ readonly path: string; readonly text: string }> {
  const found = await readFleetTree(tree, { clusterConfigPath: sync.path, systemNamespace: sync.namespace })
  const entry = found.clusters.find(one => one.name === cluster)
  const text = entry && (await tree.read(entry.spec.path))?.toString('utf8')
  if (!entry || text === undefined) {
    const names = found.clusters.map(one => one.name ?? one.folder)
    throw new SluiceError('E_FLEET_CLUSTER_UNKNOWN', {
      object: `Cluster/${cluster} below ${sync.path}`,
      expected: names.length === 0 ? 'a cluster in Git' : names.join(', '),
      seen: cluster,
    })
  }
  return { path: entry.spec.path, text }
}

async function planScale(request: ScaleRequest, sync: FleetSync, tree: FileTree): Promise<Planned> {
  const { path, text } = await clusterFile(request, sync, tree)
  let changed = text
  let before: KubeObject | undefined
  let after: KubeObject | undefined
  const counts: SizeChange[] = []
  for (const { group, count } of request.targets) {
    const change = setCount(changed, request.cluster, group, count)
    changed = change.text
    before ??= change.before
    after = change.after
    counts.push({ group, from: change.from, to: count })
  }
  if (before && after) refuseBrokenRules(before, after)
  return {
    plan: { path, branch: sync.branch, diff: unifiedDiff(path, text, changed), counts },
    namespace: after?.metadata.namespace ?? 'default',
    changes: changed === text ? [] : [{ path, content: changed }],
  }
}

/** The rules that the API server's webhook would check, so that a refusal comes before the commit instead of after. */
function refuseBrokenRules(before: KubeObject, after: KubeObject): void {
  const old = new Set(clusterKind.validate(before).map(formatFieldError))
  const errors = [...clusterKind.validate(after), ...clusterKind.validateUpdate(after, before)].map(formatFieldError)
  const added = errors.filter(error => !old.has(error))
  if (added.length > 0) {
    throw new SluiceError('E_FLEET_SCALE_REFUSED', { object: `Cluster/${after.metadata.name}`, seen: added.join('; ') })
  }
}
