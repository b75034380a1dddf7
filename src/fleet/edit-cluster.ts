import { createHash } from 'node:crypto'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { jsonEqual } from '../base/json.ts'
import { unifiedDiff } from '../base/text-diff.ts'
import { code } from '../forges/changes/index.ts'
import { type Mirror, withMirror } from '../git/index.ts'
import { type EksctlCluster, formatSize, type SizeChange } from '../specs/index.ts'
import { checkEdit } from './check-edit.ts'
import { type CommitWords, commitScale, type PlannedScale } from './commit-scale.ts'
import { type FleetSync, findFleetSync } from './find-sync.ts'
import { type Target, timingsSince } from './follow.ts'
import { type FullSize, type SizesFile, sizeBeside, sizesIn } from './group-history.ts'
import { watchFleet } from './informers.ts'
import { clusterFile, followTargets, type ScaleRequest, type ScaleResult } from './scale.ts'
import { findEksctlCluster, followGroups } from './scale-eksctl.ts'
import { clusterIn } from './set-count.ts'

export interface EditRequest extends Omit<ScaleRequest, 'targets' | 'revert' | 'onRevert'> {
  /** Gives the new text of the file. */
  readonly edit: (file: { readonly path: string; readonly text: string }) => Promise<string>
  /** The commit's message; made from the sizes that change when absent. */
  readonly message?: string | undefined
}

/**
 * Brings an edited text of a cluster's file to Git: held against every rule and guardrail first, then committed, and
 * followed until the cluster agrees. What somebody else changed while the file was open is never overwritten. Undefined
 * when nothing was changed.
 *
 * @throws E_FLEET_…, E_GIT_…, and what `edit` throws
 */
export async function editCluster(request: EditRequest): Promise<ScaleResult | undefined> {
  const { client, signal, cluster } = request
  const sync = await findFleetSync(client, signal)
  const eksctl = await findEksctlCluster(client, cluster, signal)
  return await withMirror(request, 'edit', async mirror => {
    const { remote } = request.repositoryFor(sync.url)
    const { commit: tip } = await mirror.fetch(remote, `refs/heads/${sync.branch}`, { signal })
    const { path, text: before } = await fileOf(request, sync, eksctl, mirror.tree(tip))
    const after = await request.edit({ path, text: before })
    if (after === before) return undefined
    checkEdit({ path, cluster, before, after, eksctl: eksctl !== undefined })
    return await bring(request, sync, mirror, { path, cluster, eksctl, before, after })
  })
}

interface Edit extends SizesFile {
  readonly before: string
  readonly after: string
}

async function bring(request: EditRequest, sync: FleetSync, mirror: Mirror, edit: Edit): Promise<ScaleResult> {
  const watch = request.dryRun || edit.eksctl ? undefined : await watchFleet(request.client, request.signal)
  try {
    const wish: ScaleRequest = { ...request, targets: [] }
    const plan = (tree: FileTree, tip: string | undefined) => planEdit(sync, edit, mirror, tree, tip)
    const done = await commitScale(wish, sync, mirror, plan, editWords(request, edit))
    const { commit, planned, pushed, pullRequest } = done
    if (commit === undefined) return { ...planned.plan, commit, timings: undefined }
    const common = {
      ...planned.plan,
      commit: pushed ? commit : undefined,
      ...(pullRequest === undefined ? {} : { pullRequest }),
    }
    if (watch) {
      const timings = await followTargets({ request, sync, watch, mirror }, commit, targetsOf(edit))
      return { ...common, timings }
    }
    const start = request.clock.monotonic()
    const groups = sizesIn(edit, edit.after)
    const counts = planned.plan.counts.filter(({ group }) => groups?.has(group))
    const reached = edit.eksctl && (await followGroups(wish, sync, edit.eksctl, commit, counts))
    return { ...common, timings: reached && timingsSince(start, reached) }
  } finally {
    watch?.stop()
  }
}

async function planEdit(
  sync: FleetSync,
  edit: Edit,
  mirror: Mirror,
  tree: FileTree,
  tip: string | undefined,
): Promise<PlannedScale> {
  const { path, before, after } = edit
  const now = (await tree.read(path))?.toString('utf8')
  if (now !== before && now !== after) {
    const [last] = tip === undefined ? [] : await mirror.log(tip, { path, limit: 1 })
    throw new SluiceError('E_FLEET_EDIT_CONFLICT', {
      object: path,
      expected: 'the file as it was opened',
      seen: last ? `${last.sha.slice(0, 7)} by ${last.author.name} (${last.subject})` : 'another text',
    })
  }
  const diff = unifiedDiff(path, now, after)
  const counts = now === after ? [] : sizeChanges(sizesIn(edit, before), sizesIn(edit, after))
  return {
    plan: { path, branch: sync.branch, diff, counts },
    changes: now === after ? [] : [{ path, content: after }],
  }
}

/** Sizes that differ; a group that comes or goes changes from or to nothing. */
function sizeChanges(before = new Map<string, FullSize>(), after = new Map<string, FullSize>()): SizeChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(group => {
    const [old, now] = [before.get(group), after.get(group)]
    if (jsonEqual(old ?? null, now ?? null)) return []
    const from = old ? sizeBeside(old, now ?? old) : 0
    return [{ group, from, to: now ? sizeBeside(now, old ?? now) : 0 }]
  })
}

/** Every group as the new text has it: the cluster is Ready again when all of them are. */
function targetsOf(edit: Edit): Target[] {
  const namespace = clusterIn(edit.after, edit.cluster).object.metadata.namespace ?? 'default'
  return [...(sizesIn(edit, edit.after) ?? [])].map(([group, { bounds, count }]) => ({
    namespace,
    cluster: edit.cluster,
    group,
    count: bounds ?? count ?? 0,
  }))
}

async function fileOf(
  request: EditRequest,
  sync: FleetSync,
  eksctl: EksctlCluster | undefined,
  tree: FileTree,
): Promise<{ readonly path: string; readonly text: string }> {
  if (!eksctl) return clusterFile(request, sync, tree)
  const path = eksctl.spec.configPath
  const text = (await tree.read(path))?.toString('utf8')
  if (text === undefined) throw new SluiceError('E_EKSCTL_CONFIG_MISSING', { object: `${path} on ${sync.branch}` })
  return { path, text }
}

function editWords({ cluster, message }: EditRequest, { after }: Edit): CommitWords {
  const changes = (counts: readonly SizeChange[] = []) =>
    counts.map(one => `${one.group} from ${formatSize(one.from)} to ${formatSize(one.to)}`)
  return {
    // The same text again is the same wish: a run that was ended finds its request.
    key: `edit ${cluster} ${createHash('sha256').update(after).digest('hex').slice(0, 12)}`,
    message: plan => {
      const sizes = changes(plan?.counts).join(', ')
      return `${message ?? `Edit ${cluster}${sizes === '' ? '' : `: ${sizes}`}`}\n`
    },
    describe: plan => ({
      what: changes(plan?.counts).map(code),
      why: `Asked for with ${code(`sluice edit ${cluster}`)}.`,
      after: 'The command waits for the merge and then follows the commit until the cluster agrees.',
    }),
  }
}
