import { SluiceError } from '../../../base/errors/index.ts'
import type { FileTree } from '../../../base/file-tree.ts'
import { unifiedDiff } from '../../../base/text-diff.ts'
import { inventoryId } from '../../../engine/index.ts'
import { kustomizationKind } from '../../../fleet/read-fleet.ts'
import {
  buildCommit,
  type FileChange,
  fetchAllRefs,
  isAncestor,
  listRemoteRefs,
  pushCommit,
} from '../../../git/index.ts'
import { refOf } from '../../../kube/identity.ts'
import type { Kustomization } from '../../../specs/index.ts'
import { renderSync } from '../../rendering.ts'
import { effect, type GitOpsChange, type GitOpsStep } from '../../steps.ts'
import { proveSame, readText, relocate, syncFileOf } from '../content.ts'
import { fetchBranch } from '../fetch.ts'
import { foundIn, placeNow } from '../found.ts'
import { editSyncFile, isSamePlace, readSyncFile } from '../place.ts'
import type { MoveContext, MoveState } from '../types.ts'
import { trailer, writeMove, writeMovedFrom } from '../write.ts'

/**
 * Puts the fleet at its new place, where nobody follows it yet. Where only the folder changes, the same commit also tells
 * the cluster, through the old folder, to look at the new one; both hold the same objects.
 */
export const targetStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'target',
  title: 'put the fleet at the new place',
  async inspect(context, state) {
    const { stage, gone, sameBranch, from } = foundIn(state)
    const { signal } = context
    const where = whereOf(context, state)
    if (stage === 'pointed') return { state: 'done', summary: `it stands on ${where}`, changes: [] }
    if (stage === 'switched' || gone !== undefined) {
      const { tree, path } = await atTarget(context, state)
      const text = (await readText(tree, path)) ?? ''
      const after = editSyncFile(text, foundIn(state).sync.namespace, placeNow(state))
      if (stage === 'before') await refuseLoss(context, state, tree, after)
      if (after === text) return { state: 'done', summary: `it stands on ${where}`, changes: [] }
      const diff = unifiedDiff(path, text, after)
      return {
        state: 'to-do',
        summary: `change ${path} on ${where}`,
        changes: [{ kind: 'file', where, path, action: 'update', diff }],
      }
    }
    const { tree, tip } = await atOld(context, state)
    const changes = await relocate(tree, relocation(state, sameBranch))
    // The proof is about the end: the old folder gone, and nothing in the new one that refers to it.
    const end = sameBranch ? await relocate(tree, relocation(state, false)) : changes
    const count = await proveSame(tree, end, relocation(state, false), signal)
    const ready = !sameBranch && state.repositoryExists === true && (await standing(context, state, tip)) === 'ours'
    const notes = [`${count} objects, built at both places: the same`]
    if (ready) {
      state.carried = tip
      return { state: 'done', summary: `it stands on ${where}`, changes: [], notes }
    }
    return {
      state: 'to-do',
      summary: `commit it to ${where}, from ${tip.slice(0, 7)} of ${from.branch}`,
      changes: await shownChanges(tree, where, changes),
      notes,
    }
  },
  async apply(context, state) {
    const { sameBranch, stage, gone, to, sync } = foundIn(state)
    const where = whereOf(context, state)
    const inPlace = sameBranch || stage === 'switched' || gone !== undefined
    const commit = inPlace
      ? await effect(context, 'move.target', () =>
          writeMove(context, {
            repository: context.target,
            branch: to.branch,
            subject: subjectOf(state),
            key: `gitops move ${sync.namespace} ${to.branch} ${to.path}`,
            edit: tree => editInPlace(tree, state),
          }),
        )
      : await copyOver(context, state)
    if (commit !== undefined) state.commit = commit
    return `committed ${commit?.slice(0, 7)} to ${where}`
  },
}

/**
 * Fails when the new place cannot hold the fleet, before anything is written: E_GITOPS_TARGET_IN_USE, E_GITOPS_OLD_GONE,
 * E_IMPORT_UNBUILDABLE.
 */
export async function refuseUnfit(context: MoveContext, state: MoveState): Promise<void> {
  const { gone, sync } = foundIn(state)
  if (gone === undefined) {
    const { tree } = await atOld(context, state)
    await proveSame(tree, await relocate(tree, relocation(state, false)), relocation(state, false), context.signal)
    return
  }
  const { tree, path } = await atTarget(context, state)
  const after = editSyncFile((await readText(tree, path)) ?? '', sync.namespace, placeNow(state))
  await refuseLoss(context, state, tree, after)
}

/** Copies the fleet, as the old branch has it now, to a branch that nobody follows yet. */
export async function copyOver(context: MoveContext, state: MoveState): Promise<string> {
  const { mirror, target, author, committer, signer, clock, signal, old } = context
  const { to } = foundIn(state)
  const { tree, tip } = await atOld(context, state)
  const there = await standing(context, state, tip)
  if (there === 'ours') {
    state.carried = tip
    return await targetTip(context, state).then(found => found ?? tip)
  }
  if (context.isOtherRepository && old) await fetchAllRefs(mirror, old.remote, signal)
  const changes = await relocate(tree, relocation(state, false))
  const { commit } = await buildCommit(
    {
      mirror,
      author,
      ...(committer && { committer }),
      signer,
      clock,
      signal,
      edit: () => changes,
      message: `${subjectOf(state)}\n\n${writeMovedFrom({ ...foundIn(state).from, url: (old ?? target).remote.url })}\n\n${trailer}\n`,
    },
    tip,
  )
  if (commit === undefined)
    throw new SluiceError('E_INTERNAL', { object: 'gitops move', seen: 'a copy without a change' })
  const expected = await targetTip(context, state)
  await effect(context, 'move.target', () =>
    pushCommit(mirror, target.remote, `refs/heads/${to.branch}`, commit, expected, signal),
  )
  mirror.noteTip(target.remote, `refs/heads/${to.branch}`, commit)
  state.carried = tip
  return commit
}

/**
 * What stands on the branch to move to: nothing or an older state of the old branch (`free`), a copy that an earlier run
 * made of exactly this tip (`ours`). Fails with E_GITOPS_TARGET_IN_USE for anything else.
 */
async function standing(context: MoveContext, state: MoveState, tip: string): Promise<'free' | 'ours'> {
  const { mirror, target, signal } = context
  const { to } = foundIn(state)
  const there = await targetTip(context, state)
  if (there === undefined) return 'free'
  await fetchBranch(mirror, target.remote, to.branch, signal)
  if (await isAncestor(mirror, there, tip, signal)) return 'free'
  const commit = await mirror.commit(there)
  const [parent = ''] = commit?.parents ?? []
  if (commit?.body.includes(trailer) && commit.parents.length === 1) {
    if (parent === tip && (await isCopy(context, state, there, tip))) return 'ours'
    // A copy of an earlier tip, which nobody follows, is made anew.
    if (await isAncestor(mirror, parent, tip, signal)) return 'free'
  }
  throw new SluiceError('E_GITOPS_TARGET_IN_USE', {
    object: whereOf(context, state),
    expected: `no such branch, or an earlier state of ${foundIn(state).from.branch}`,
    seen: `${there.slice(0, 7)} (${commit?.subject ?? 'unknown'})`,
  })
}

async function isCopy({ mirror }: MoveContext, state: MoveState, there: string, tip: string): Promise<boolean> {
  const changes = await relocate(mirror.tree(tip), relocation(state, false))
  const tree = mirror.tree(there)
  for (const { path, content } of changes) {
    const now = await tree.read(path)
    if (content === undefined ? now !== undefined : !now?.equals(Buffer.from(content))) return false
  }
  return true
}

async function targetTip({ target, signal }: MoveContext, state: MoveState): Promise<string | undefined> {
  if (state.repositoryExists === false) return undefined
  const ref = `refs/heads/${foundIn(state).to.branch}`
  return (await listRemoteRefs(target.remote, { patterns: [ref], signal })).get(ref)
}

async function atOld({ old, mirror, signal }: MoveContext, state: MoveState) {
  const { from } = foundIn(state)
  if (!old) throw new SluiceError('E_INTERNAL', { object: 'gitops move', seen: 'no old repository' })
  const { commit } = await fetchBranch(mirror, old.remote, from.branch, signal)
  return { tree: mirror.tree(commit), tip: commit }
}

async function atTarget({ target, mirror, signal }: MoveContext, state: MoveState) {
  const { to, sync, gone } = foundIn(state)
  const path = syncFileOf(to.path, sync.namespace)
  try {
    const { commit } = await fetchBranch(mirror, target.remote, to.branch, signal)
    state.commit = commit
    const tree = mirror.tree(commit)
    if (readSyncFile(await readText(tree, path), sync.namespace)) return { tree, path }
  } catch (error) {
    signal.throwIfAborted()
    const code = error instanceof SluiceError ? error.code : ''
    const isMissing = ['E_GIT_EMPTY_REPOSITORY', 'E_GIT_REF_NOT_FOUND', 'E_GIT_REPOSITORY_NOT_FOUND'].includes(code)
    if (gone === undefined || !isMissing) throw error
  }
  if (gone === undefined) throw new SluiceError('E_GITOPS_SYNC_FOREIGN', { object: `${path} on ${to.branch}` })
  throw new SluiceError('E_GITOPS_OLD_GONE', {
    object: foundIn(state).from.url,
    expected: `its content in ${target.remote.url}, branch ${to.branch}: ${path}`,
    seen: gone,
  })
}

/** The content that is there already must hold everything that the cluster applied: what it lacks would be removed. */
async function refuseLoss(context: MoveContext, state: MoveState, tree: FileTree, syncText: string): Promise<void> {
  const { client, signal } = context
  const { sync, to } = foundIn(state)
  const file = syncFileOf(to.path, sync.namespace)
  const [root] = await renderSync(tree, { text: syncText, path: file }, signal)
  const held = new Set(root?.objects.map(object => inventoryId(refOf(object))))
  const live = (await client.get(
    { ...kustomizationKind, namespace: sync.namespace, name: sync.kustomizationName },
    { signal },
  )) as Kustomization
  const lost = (live.status?.inventory?.entries ?? []).filter(({ id }) => !held.has(id))
  const [first] = lost
  if (first === undefined) return
  throw new SluiceError('E_GITOPS_TARGET_IN_USE', {
    object: whereOf(context, state),
    expected: 'everything that the cluster applied from Git',
    seen: `no ${first.id}${lost.length > 1 ? `, and ${lost.length - 1} more` : ''}: it would be removed from the cluster`,
    next: 'Push the content that the cluster follows to that branch first, then run the command again.',
  })
}

function relocation(state: MoveState, keepOld: boolean) {
  const { from, configs, sync } = foundIn(state)
  return { namespace: sync.namespace, from, to: placeNow(state), configs, keepOld }
}

async function editInPlace(tree: FileTree, state: MoveState): Promise<FileChange[]> {
  const { stage, gone, from, to, sync } = foundIn(state)
  if (stage === 'before' && gone === undefined) {
    const text = await readText(tree, syncFileOf(from.path, sync.namespace))
    const said = readSyncFile(text, sync.namespace)?.place
    if (said && isSamePlace(said, placeNow(state))) return []
    return relocate(tree, relocation(state, true))
  }
  const path = syncFileOf(to.path, sync.namespace)
  const text = (await readText(tree, path)) ?? ''
  const after = editSyncFile(text, sync.namespace, placeNow(state))
  return after === text ? [] : [{ path, content: after }]
}

function subjectOf(state: MoveState): string {
  const { from, to } = foundIn(state)
  if (from.url !== to.url) return `Follow ${to.url}`
  if (from.branch !== to.branch) return `Follow the branch ${to.branch}`
  if (from.path !== to.path) return `Follow the folder ${to.path}`
  return 'Change how the cluster follows this repository'
}

export function whereOf({ target }: MoveContext, state: MoveState): string {
  return `${foundIn(state).to.branch} of ${target.owner === '' ? target.remote.url : `${target.owner}/${target.name}`}`
}

/** Files that only change their folder are shown by their names; the others with a diff. */
async function shownChanges(tree: FileTree, where: string, changes: readonly FileChange[]): Promise<GitOpsChange[]> {
  const shown: GitOpsChange[] = []
  for (const { path, content } of changes) {
    const before = await readText(tree, path)
    const action = content === undefined ? 'delete' : before === undefined ? 'create' : 'update'
    const diff = action === 'update' ? unifiedDiff(path, before, String(content)) : ''
    shown.push({ kind: 'file', where, path, action, diff })
  }
  return shown
}
