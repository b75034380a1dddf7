import type { FileTree } from '../../../base/file-tree.ts'
import { kustomizationKind } from '../../../fleet/read-fleet.ts'
import type { FileChange } from '../../../git/index.ts'
import { findFleets, join } from '../../../layout/index.ts'
import { effect, type GitOpsStep } from '../../steps.ts'
import { filesBelow } from '../content.ts'
import { fetchBranch } from '../fetch.ts'
import { followTo } from '../follow.ts'
import { foundIn, placeNow } from '../found.ts'
import { findLateEdits, lateProblem } from '../late.ts'
import { plainPath, readSyncFile } from '../place.ts'
import type { MoveContext, MoveState } from '../types.ts'
import { inventoryUids, refuseOthers } from '../uids.ts'
import { writeMove } from '../write.ts'

/** Removes the old folder, which nothing looks at any more, and makes sure that every object is the one that it was. */
export const tidyStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'tidy',
  title: 'remove the old folder and count the objects',
  async inspect(context, state) {
    const { sameBranch, from, to, stage } = foundIn(state)
    const where = `${to.branch} of ${context.target.owner}/${context.target.name}`
    const count = foundIn(state).uids.size
    // A dry run looks before the new folder is there.
    const planned = state.dryRun && stage === 'before' && sameBranch && from.path !== to.path
    const old = planned ? [from.path] : await oldFolders(context, state)
    return {
      state: 'to-do',
      summary: `${old.length === 0 ? '' : `remove ${old.join(', ')} from ${where}; `}look whether all ${count} objects are the same`,
      changes: old.map(path => ({ kind: 'file', where, path: `${path}/`, action: 'delete', diff: '' })),
    }
  },
  async apply(context, state) {
    const { client, signal } = context
    const { sync, to, uids } = foundIn(state)
    const old = await oldFolders(context, state)
    if (old.length > 0) {
      const commit = await effect(context, 'move.tidy', () =>
        writeMove(context, {
          repository: context.target,
          branch: to.branch,
          subject: `Remove ${old.join(', ')}, which moved to ${to.path}`,
          key: `gitops move ${sync.namespace} tidy ${to.path}`,
          edit: (tree, tip) => removal(context, state, tree, tip),
        }),
      )
      if (commit !== undefined) state.commit = commit
      await followTo(context, state, placeNow(state))
    }
    const live = await client.get(
      { ...kustomizationKind, namespace: sync.namespace, name: sync.kustomizationName },
      { signal },
    )
    refuseOthers(uids, await inventoryUids(client, live, signal))
    return `${old.length === 0 ? '' : `removed ${old.join(', ')}; `}all ${uids.size} objects are the same, none was made anew`
  },
}

async function oldFolders({ target, mirror, signal }: MoveContext, state: MoveState): Promise<string[]> {
  if (state.repositoryExists === false) return []
  const { to } = foundIn(state)
  try {
    const { commit } = await fetchBranch(mirror, target.remote, to.branch, signal)
    return await foldersIn(mirror.tree(commit), state)
  } catch (error) {
    signal.throwIfAborted()
    if (state.dryRun) return []
    throw error
  }
}

/** Folders whose gotk-sync.yaml says what the one of the fleet says: a move left them. */
async function foldersIn(tree: FileTree, state: MoveState): Promise<string[]> {
  const { to, sync } = foundIn(state)
  const fleets = await findFleets(tree)
  return fleets
    .filter(({ place, sync: text }) => {
      if (place.systemNamespace !== sync.namespace || plainPath(place.clusterConfigPath) === to.path) return false
      const said = readSyncFile(text, sync.namespace)?.place
      return said?.url === to.url && said.branch === to.branch && said.path === to.path
    })
    .map(({ place }) => place.clusterConfigPath)
}

/** Files of the old folder, unless somebody changed one of them since it was copied: that would be lost. */
async function removal(
  context: MoveContext,
  state: MoveState,
  tree: FileTree,
  tip: string | undefined,
): Promise<FileChange[]> {
  const { to } = foundIn(state)
  const changes: FileChange[] = []
  for (const folder of await foldersIn(tree, state)) {
    const late = tip === undefined ? undefined : await findLateEdits(context, state, tip, folder)
    if (late !== undefined) throw lateProblem(late)
    for (const path of await filesBelow(tree, folder))
      if ((await tree.entry(join(to.path, path.slice(folder.length + 1)))) !== undefined)
        changes.push({ path, content: undefined })
  }
  return changes
}
