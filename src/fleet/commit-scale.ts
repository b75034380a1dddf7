import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { type ChangeText, code, reviewWanted, writeChange } from '../forges/changes/index.ts'
import type { FileChange, Mirror } from '../git/index.ts'
import { askReconcile } from './ask-reconcile.ts'
import type { FleetSync } from './find-sync.ts'
import type { ScalePlan, ScaleRequest } from './scale.ts'

/** A change of counts, worked out from one state of the branch. */
export interface PlannedScale {
  readonly plan: ScalePlan
  readonly changes: readonly FileChange[]
}

/** What became of it in Git. */
export interface CommittedScale<P extends PlannedScale> {
  /** As it was when the command began. */
  readonly planned: P
  /** Undefined for a dry run. */
  readonly commit: string | undefined
  /** False when Git had the counts already. */
  readonly pushed: boolean
  /** Page of the request that it came by. */
  readonly pullRequest?: string
}

/**
 * Brings counts to the branch: one commit, by a push or through a request. The plan is worked out anew on the tip that the
 * push meets; a count that somebody else changed meanwhile is no conflict only when it says the same.
 */
export async function commitScale<P extends PlannedScale>(
  request: ScaleRequest,
  sync: FleetSync,
  mirror: Mirror,
  plan: (tree: FileTree) => Promise<P>,
): Promise<CommittedScale<P>> {
  const { client, signal, review = 'auto' } = request
  const { forge, owner, name, remote } = request.repositoryFor(sync.url)
  if (request.dryRun) {
    const { commit } = await mirror.fetch(remote, `refs/heads/${sync.branch}`, { signal })
    const found = await plan(mirror.tree(commit))
    const at = { forge, owner, repository: name, branch: sync.branch, signal }
    const why = found.plan.diff === '' ? undefined : await reviewWanted(at, review)
    const planned = why === undefined ? found : { ...found, plan: { ...found.plan, review: why } }
    request.onPlan?.(planned.plan)
    return { planned, commit: undefined, pushed: false }
  }
  let planned: P | undefined
  const written = await writeChange({
    forge,
    owner,
    repository: name,
    mode: review,
    key: scaleKey(request),
    describe: () => scaleText(request, planned?.plan),
    mirror,
    remote,
    branch: sync.branch,
    edit: async (tree, tip) => {
      const now = await plan(tree)
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
  const { commit, pushed, request: reviewed } = written
  if (!planned || commit === undefined) throw new SluiceError('E_INTERNAL', { object: 'scale', seen: 'no commit' })
  if (pushed) {
    if (!reviewed) request.onCommit?.(commit)
    // A Git host that tells nobody of the push would be looked at only when the interval is over.
    await askReconcile(client, sync, signal)
  }
  return { planned, commit, pushed, ...(reviewed && { pullRequest: reviewed.url }) }
}

/** Fails when a count is neither what this command saw first nor what it sets: both sides are named. */
async function refuseOthersCount(
  mirror: Mirror,
  planned: PlannedScale,
  now: PlannedScale,
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
