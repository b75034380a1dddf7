import { SluiceError } from '../../../base/errors/index.ts'
import type { FileTree } from '../../../base/file-tree.ts'
import { unifiedDiff } from '../../../base/text-diff.ts'
import type { FileChange } from '../../../git/index.ts'
import { effect, type GitOpsChange, type GitOpsStep } from '../../steps.ts'
import { movedNote, readText, syncFileOf } from '../content.ts'
import { fetchBranch } from '../fetch.ts'
import { foundIn, placeNow } from '../found.ts'
import { differences, editSyncFile, isSamePlace, readSyncFile } from '../place.ts'
import { applySync, syncRefs } from '../sync-objects.ts'
import type { MoveContext, MoveState } from '../types.ts'
import { shortPlace, writeMove } from '../write.ts'
import { copyOver } from './target.ts'

const noteFile = 'MOVED.md'
/** How often a fleet is copied anew because somebody pushed to the old branch meanwhile. */
const maxTries = 5

/**
 * Tells the cluster to look at the new place: by a last commit at the old one, which the engine applies as any other, so
 * that no engine ever reads two truths. Where the old place is gone, the objects in the cluster are changed instead.
 */
export const switchStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'switch',
  title: 'point the cluster to the new place',
  async inspect(context, state) {
    const { stage, gone, sameBranch, from, sync } = foundIn(state)
    if (stage !== 'before') return { state: 'done', summary: 'it is pointed there', changes: [] }
    if (sameBranch) return { state: 'done', summary: 'the same commit does it', changes: [] }
    const fields = differences(from, placeNow(state))
    if (gone !== undefined) {
      const changes = syncRefs(sync).map((ref): GitOpsChange => ({ kind: 'object', ref, action: 'configure', fields }))
      return { state: 'to-do', summary: 'change the two objects in the cluster', changes }
    }
    const where = `${from.branch} of ${context.old?.owner}/${context.old?.name}`
    const { old, mirror, signal } = context
    const { commit } = await fetchBranch(mirror, old!.remote, from.branch, signal)
    const tree = mirror.tree(commit)
    const changes: GitOpsChange[] = []
    for (const { path, content } of await pointing(tree, context, state)) {
      const before = await readText(tree, path)
      const action = before === undefined ? 'create' : 'update'
      changes.push({ kind: 'file', where, path, action, diff: unifiedDiff(path, before, String(content)) })
    }
    return { state: 'to-do', summary: `commit to ${where} that the cluster looks elsewhere`, changes }
  },
  async apply(context, state) {
    const { gone, from, sync } = foundIn(state)
    if (gone !== undefined) {
      await effect(context, 'move.switch', () => applySync(context, state))
      return 'changed the two objects in the cluster'
    }
    for (let tries = 1; ; tries++) {
      try {
        const commit = await effect(context, 'move.switch', () =>
          writeMove(context, {
            repository: context.old!,
            branch: from.branch,
            subject: `Follow ${shortPlace(placeNow(state))} from now on`,
            key: `gitops move ${sync.namespace} away ${shortPlace(placeNow(state))}`,
            edit: (tree, tip) => pointingFrom(tree, tip, context, state),
          }),
        )
        return `committed ${commit?.slice(0, 7)} to ${from.branch}: the cluster looks at ${shortPlace(placeNow(state))}`
      } catch (error) {
        const moved = error instanceof SluiceError && error.code === 'E_GITOPS_SOURCE_MOVED'
        if (!moved || tries === maxTries) throw error
        state.commit = await copyOver(context, state)
      }
    }
  },
}

async function pointingFrom(
  tree: FileTree,
  tip: string | undefined,
  context: MoveContext,
  state: MoveState,
): Promise<FileChange[]> {
  const { from, sync } = foundIn(state)
  const said = readSyncFile(await readText(tree, syncFileOf(from.path, sync.namespace)), sync.namespace)?.place
  if (said && isSamePlace(said, placeNow(state))) return []
  if (tip !== state.carried) {
    throw new SluiceError('E_GITOPS_SOURCE_MOVED', {
      object: `branch ${from.branch} of ${from.url}`,
      expected: state.carried ?? 'the commit that was copied',
      seen: tip ?? 'none',
    })
  }
  return pointing(tree, context, state)
}

async function pointing(tree: FileTree, context: MoveContext, state: MoveState): Promise<FileChange[]> {
  const { from, sync } = foundIn(state)
  const to = placeNow(state)
  const path = syncFileOf(from.path, sync.namespace)
  const changes: FileChange[] = [
    { path, content: editSyncFile((await readText(tree, path)) ?? '', sync.namespace, to) },
  ]
  if (context.note && context.isOtherRepository && (await tree.entry(noteFile)) === undefined)
    changes.push({ path: noteFile, content: movedNote(to) })
  return changes
}
