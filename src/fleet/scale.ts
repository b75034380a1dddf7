import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { unifiedDiff } from '../base/text-diff.ts'
import {
  type ChangeText,
  code,
  type ReviewEvent,
  type ReviewMode,
  reviewWanted,
  writeChange,
} from '../forges/changes/index.ts'
import { type CommitAuthor, type CommitSigner, type FileChange, type Mirror, openMirror } from '../git/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { formatFieldError } from '../kube/field-error-format.ts'
import type { KubeObject } from '../kube/object.ts'
import { readFleetTree } from '../layout/index.ts'
import { clusterKind } from '../specs/index.ts'
import { askReconcile } from './ask-reconcile.ts'
import { type FleetSync, findFleetSync } from './find-sync.ts'
import { type FollowProgress, type FollowResult, followCommit } from './follow.ts'
import { watchFleet } from './informers.ts'
import type { FleetRepository } from './repository-remote.ts'
import { setCount } from './set-count.ts'

/** A count to change. */
export interface ScaleTarget {
  readonly group: string
  readonly count: number
}

export interface ScaleRequest {
  readonly client: KubeClient
  readonly cluster: string
  readonly targets: readonly ScaleTarget[]
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
  readonly counts: readonly { readonly group: string; readonly from: number; readonly to: number }[]
  /** Why the change goes through a pull or merge request; undefined when it is pushed, or not known yet. */
  readonly review?: string
}

export interface ScaleResult extends ScalePlan {
  /** The commit that was made; undefined when Git had the counts already, or for a dry run. */
  readonly commit: string | undefined
  /** Page of the request that it came by. */
  readonly pullRequest?: string
  /** Milliseconds from the push to each stage; undefined when nothing was followed. */
  readonly timings: { readonly fetchedMs: number; readonly appliedMs: number; readonly readyMs: number } | undefined
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
  const { forge, owner, name, remote } = request.repositoryFor(sync.url)
  const { review = 'auto' } = request
  const parent = join(request.dataDir, 'mirrors')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'scale-'))
  const watch = request.dryRun ? undefined : await watchFleet(client, signal)
  const mirror = await openMirror(dir)
  try {
    if (request.dryRun) {
      const { commit } = await mirror.fetch(remote, `refs/heads/${sync.branch}`, { signal })
      const { plan } = await planScale(request, sync, mirror.tree(commit))
      const at = { forge, owner, repository: name, branch: sync.branch, signal }
      const why = plan.diff === '' ? undefined : await reviewWanted(at, review)
      const told = why === undefined ? plan : { ...plan, review: why }
      request.onPlan?.(told)
      return { ...told, commit: undefined, timings: undefined }
    }
    let planned: Planned | undefined
    const {
      commit,
      pushed,
      request: reviewed,
    } = await writeChange({
      forge,
      owner,
      repository: name,
      mode: review,
      key: scaleKey(request),
      describe: () => scaleText(request, planned?.plan),
      mirror,
      remote,
      branch: sync.branch,
      // Computed anew on the tip that the push meets: a count that somebody else changed meanwhile is seen.
      edit: async (tree, tip) => {
        const now = await planScale(request, sync, tree)
        if (planned) await refuseOthersCount(mirror, planned, now, tip)
        else request.onPlan?.(now.plan)
        planned ??= now
        return now.changes
      },
      message: () => scaleMessage(request.cluster, planned?.plan.counts ?? []),
      author: request.author,
      ...(request.committer && { committer: request.committer }),
      signer: request.signer,
      reviewTimeoutMs: request.reviewTimeoutMs,
      onReview: request.onReview,
      clock: request.clock,
      signal,
    })
    const pushedAt = request.clock.monotonic()
    if (!planned || commit === undefined) throw new SluiceError('E_INTERNAL', { object: 'scale', seen: 'no commit' })
    if (pushed) {
      if (!reviewed) request.onCommit?.(commit)
      // A Git host that tells nobody of the push would be looked at only when the interval is over.
      await askReconcile(client, sync, signal)
    }
    const reached = await followCommit({
      informers: (watch as NonNullable<typeof watch>).informers,
      sync,
      commit,
      targets: planned.plan.counts.map(one => ({
        namespace: planned?.namespace ?? 'default',
        cluster: request.cluster,
        group: one.group,
        count: one.to,
      })),
      clock: request.clock,
      timeoutMs: request.timeoutMs,
      signal,
      ...(request.onProgress ? { onProgress: request.onProgress } : {}),
    })
    return {
      ...planned.plan,
      commit: pushed ? commit : undefined,
      ...(reviewed && { pullRequest: reviewed.url }),
      timings: since(pushedAt, reached),
    }
  } finally {
    watch?.stop()
    await mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
}

interface Planned {
  readonly plan: ScalePlan
  readonly namespace: string
  readonly changes: readonly FileChange[]
}

async function planScale(request: ScaleRequest, sync: FleetSync, tree: FileTree): Promise<Planned> {
  const found = await readFleetTree(tree, { clusterConfigPath: sync.path, systemNamespace: sync.namespace })
  const entry = found.clusters.find(one => one.name === request.cluster)
  const text = entry && (await tree.read(entry.spec.path))?.toString('utf8')
  if (!entry || text === undefined) {
    const names = found.clusters.map(one => one.name ?? one.folder)
    throw new SluiceError('E_FLEET_CLUSTER_UNKNOWN', {
      object: `Cluster/${request.cluster} below ${sync.path}`,
      expected: names.length === 0 ? 'a cluster in Git' : names.join(', '),
      seen: request.cluster,
    })
  }
  let changed = text
  let before: KubeObject | undefined
  let after: KubeObject | undefined
  const counts: { group: string; from: number; to: number }[] = []
  for (const { group, count } of request.targets) {
    const change = setCount(changed, request.cluster, group, count)
    changed = change.text
    before ??= change.before
    after = change.after
    counts.push({ group, from: change.from, to: count })
  }
  if (before && after) refuseBrokenRules(before, after)
  const path = entry.spec.path
  return {
    plan: { path, branch: sync.branch, diff: unifiedDiff(path, text, changed), counts },
    namespace: after?.metadata.namespace ?? 'default',
    changes: changed === text ? [] : [{ path, content: changed }],
  }
}

/** Fails when a count is neither what this command saw first nor what it sets: both sides are named. */
async function refuseOthersCount(
  mirror: Mirror,
  planned: Planned,
  now: Planned,
  tip: string | undefined,
): Promise<void> {
  for (const { group, from, to } of planned.plan.counts) {
    const seen = now.plan.counts.find(one => one.group === group)?.from
    if (seen === undefined || seen === from || seen === to) continue
    const [last] = tip === undefined ? [] : await mirror.log(tip, { path: now.plan.path, limit: 1 })
    const by = last ? `, set by ${last.author.name} in ${last.sha.slice(0, 7)} (${last.subject})` : ''
    throw new SluiceError('E_FLEET_SCALE_CONFLICT', {
      object: `${group} in ${now.plan.path}`,
      expected: `${from}, as when this command began, to set ${to}`,
      seen: `${seen}${by}`,
    })
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

function scaleMessage(cluster: string, counts: ScalePlan['counts']): string {
  const changes = counts.map(one => `${one.group} from ${one.from} to ${one.to}`)
  return `Scale ${cluster} ${changes.join(', ')}\n`
}

/** The same words for the same wish, in whatever order the groups were given. */
function scaleKey({ cluster, targets }: ScaleRequest): string {
  const counts = targets.map(({ group, count }) => `${group}=${count}`).sort()
  return `scale ${cluster} ${counts.join(' ')}`
}

function scaleText(request: ScaleRequest, plan: ScalePlan | undefined): ChangeText {
  const counts = plan?.counts ?? []
  return {
    what: counts.map(({ group, from, to }) => `${code(group)} of ${code(request.cluster)}: ${from} → ${to}`),
    why: `Asked for with ${code(`sluice ${scaleKey(request)}`)}.`,
    after:
      'The command waits for the merge and then follows the commit until the nodes match; when it was ended, run it again.',
  }
}

function since(start: number, reached: FollowResult): NonNullable<ScaleResult['timings']> {
  const ms = (at: number) => Math.max(0, at - start)
  return { fetchedMs: ms(reached.fetchedAt), appliedMs: ms(reached.appliedAt), readyMs: ms(reached.readyAt) }
}
