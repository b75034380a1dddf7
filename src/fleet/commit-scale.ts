import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { type ChangeText, code, type ReviewMode, reviewWanted, writeChange } from '../forges/changes/index.ts'
import type { FileChange, Mirror } from '../git/index.ts'
import { refusePlainSecrets } from '../sops/index.ts'
import { formatSize } from '../specs/index.ts'
import { askReconcile } from './ask-reconcile.ts'
import type { FleetSync } from './find-sync.ts'
import { applyGuardrails, refuseBroken, twoPersonRule } from './guardrails.ts'
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
  plan: (tree: FileTree, tip: string | undefined) => Promise<P>,
  words: CommitWords = scaleWords(request),
): Promise<CommittedScale<P>> {
  const { client, signal, review = 'auto' } = request
  const { forge, owner, name, remote } = request.repositoryFor(sync.url)
  /** The plan with the limits that the very same tip has for it. */
  const guarded = async (tree: FileTree, tip: string | undefined): Promise<P> => {
    const found = await plan(tree, tip)
    const guardrails = await applyGuardrails(tree, sync, request, found.plan.counts)
    return guardrails.length === 0 ? found : { ...found, plan: { ...found.plan, guardrails } }
  }
  if (request.dryRun) {
    const { commit } = await mirror.fetch(remote, `refs/heads/${sync.branch}`, { signal })
    const found = await guarded(mirror.tree(commit), commit)
    const at = { forge, owner, repository: name, branch: sync.branch, signal }
    const rule = twoPersonRule(found.plan.guardrails)
    const why = found.plan.diff === '' ? undefined : (rule ?? (await reviewWanted(at, review)))
    const plan = { ...found.plan, message: words.message(found.plan), ...(why !== undefined && { review: why }) }
    const planned = { ...found, plan }
    request.onPlan?.(planned.plan)
    refuseBroken(request.cluster, planned.plan.guardrails, review === 'never' ? 'never' : 'always')
    return { planned, commit: undefined, pushed: false }
  }
  let planned: P | undefined
  const write = (mode: ReviewMode) =>
    writeChange({
      forge,
      owner,
      repository: name,
      mode,
      key: words.key,
      describe: () => words.describe(planned?.plan),
      mirror,
      remote,
      branch: sync.branch,
      edit: async (tree, tip) => {
        const now = await guarded(tree, tip)
        if (planned) await refuseOthersCount(mirror, planned, now, tip)
        else request.onPlan?.(now.plan)
        planned ??= now
        refuseBroken(request.cluster, now.plan.guardrails, mode)
        refusePlainSecrets(now.changes)
        return now.changes
      },
      message: () => words.message(planned?.plan),
      author: request.author,
      ...(request.committer && { committer: request.committer }),
      signer: request.signer,
      reviewTimeoutMs: request.reviewTimeoutMs,
      onReview: request.onReview,
      clock: request.clock,
      signal,
    })
  const written = await write(review).catch((error: unknown) => {
    // Only the tip says that two persons are wanted, and a branch without rules of its host would take a push.
    if (review === 'auto' && isTwoPerson(error)) return write('always')
    throw error
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

function isTwoPerson(error: unknown): boolean {
  return error instanceof SluiceError && error.facts.details?.['twoPerson'] === true
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
    if (seen === undefined || [from, to].some(one => formatSize(one) === formatSize(seen))) continue
    const [last] = tip === undefined ? [] : await mirror.log(tip, { path: now.plan.path, limit: 1 })
    const by = last ? `, set by ${last.author.name} in ${last.sha.slice(0, 7)} (${last.subject})` : ''
    throw new SluiceError('E_FLEET_SCALE_CONFLICT', {
      object: `${group} in ${now.plan.path}`,
      expected: `${formatSize(from)}, as when this command began, to set ${formatSize(to)}`,
      seen: `${formatSize(seen)}${by}`,
    })
  }
}

/** What the commit, the branch of a request and the request itself say. */
export interface CommitWords {
  /** The same words for the same wish. */
  readonly key: string
  readonly message: (plan: ScalePlan | undefined) => string
  readonly describe: (plan: ScalePlan | undefined) => ChangeText
}

function scaleWords({ cluster, targets }: ScaleRequest): CommitWords {
  // In whatever order the groups were given.
  const key = `scale ${cluster} ${targets
    .map(({ group, count }) => `${group}=${formatSize(count)}`)
    .sort()
    .join(' ')}`
  return {
    key,
    message: plan => {
      const changes = plan?.counts.map(one => `${one.group} from ${formatSize(one.from)} to ${formatSize(one.to)}`)
      return `Scale ${cluster} ${changes?.join(', ')}\n`
    },
    describe: plan => scaleText(cluster, `sluice ${key}`, plan),
  }
}

/** What people read in the request of a change of sizes. */
export function scaleText(cluster: string, command: string, plan: ScalePlan | undefined): ChangeText {
  return {
    what: (plan?.counts ?? []).map(
      ({ group, from, to }) => `${code(group)} of ${code(cluster)}: ${formatSize(from)} → ${formatSize(to)}`,
    ),
    why: `Asked for with ${code(command)}.`,
    after:
      'The command waits for the merge and then follows the commit until the nodes match; when it was ended, run it again.',
  }
}
