import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { unifiedDiff } from '../base/text-diff.ts'
import { type CommitAuthor, commitFiles, type FileChange, type GitRemote, openMirror } from '../git/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { formatFieldError } from '../kube/field-error-format.ts'
import type { KubeObject } from '../kube/object.ts'
import { readFleetTree } from '../layout/index.ts'
import { refusePlainSecrets } from '../sops/index.ts'
import { clusterKind } from '../specs/index.ts'
import { type FleetSync, findFleetSync } from './find-sync.ts'
import { type FollowProgress, type FollowResult, followCommit } from './follow.ts'
import { watchFleet } from './informers.ts'
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
  /** Gives the remote to push to for the repository that the cluster follows. */
  readonly remoteFor: (url: string) => GitRemote
  /** Folder for the temporary mirror. */
  readonly dataDir: string
  readonly author: CommitAuthor
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Only say what would be committed. */
  readonly dryRun?: boolean
  readonly onPlan?: (plan: ScalePlan) => void
  readonly onCommit?: (commit: string) => void
  readonly onProgress?: (progress: FollowProgress) => void
}

/** What a scale changes in Git. */
export interface ScalePlan {
  readonly path: string
  readonly branch: string
  readonly diff: string
  readonly counts: readonly { readonly group: string; readonly from: number; readonly to: number }[]
}

export interface ScaleResult extends ScalePlan {
  /** The commit that was made; undefined when Git had the counts already, or for a dry run. */
  readonly commit: string | undefined
  /** Milliseconds from the push to each stage; undefined when nothing was followed. */
  readonly timings: { readonly fetchedMs: number; readonly appliedMs: number; readonly readyMs: number } | undefined
}

/**
 * Changes counts of one cluster by one commit in Git and follows it until the nodes match. Nothing but the number
 * changes in the file; the changed spec must keep every rule that the API server checks.
 *
 * @throws E_FLEET_…, E_GIT_…
 */
export async function scaleCluster(request: ScaleRequest): Promise<ScaleResult> {
  const { client, signal } = request
  const sync = await findFleetSync(client, signal)
  const remote = request.remoteFor(sync.url)
  const parent = join(request.dataDir, 'mirrors')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'scale-'))
  const watch = request.dryRun ? undefined : await watchFleet(client, signal)
  const mirror = await openMirror(dir)
  try {
    if (request.dryRun) {
      const { commit } = await mirror.fetch(remote, `refs/heads/${sync.branch}`, { signal })
      const { plan } = await planScale(request, sync, mirror.tree(commit))
      request.onPlan?.(plan)
      return { ...plan, commit: undefined, timings: undefined }
    }
    let planned: Planned | undefined
    const { commit, pushed } = await commitFiles({
      mirror,
      remote,
      branch: sync.branch,
      // Computed anew on the tip that the push meets: a count that somebody else changed meanwhile is seen.
      edit: async tree => {
        planned = await planScale(request, sync, tree)
        request.onPlan?.(planned.plan)
        refusePlainSecrets(planned.changes)
        return planned.changes
      },
      message: () => scaleMessage(request.cluster, planned?.plan.counts ?? []),
      author: request.author,
      signal,
    })
    const pushedAt = request.clock.monotonic()
    if (!planned || commit === undefined) throw new SluiceError('E_INTERNAL', { object: 'scale', seen: 'no commit' })
    if (pushed) request.onCommit?.(commit)
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
    return { ...planned.plan, commit: pushed ? commit : undefined, timings: since(pushedAt, reached) }
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

function since(start: number, reached: FollowResult): NonNullable<ScaleResult['timings']> {
  const ms = (at: number) => Math.max(0, at - start)
  return { fetchedMs: ms(reached.fetchedAt), appliedMs: ms(reached.appliedAt), readyMs: ms(reached.readyAt) }
}
