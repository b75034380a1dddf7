import type { FileTree } from '../base/file-tree.ts'
import type { Mirror } from '../git/index.ts'
import { type CommittedScale, commitScale, type PlannedScale } from './commit-scale.ts'
import type { FleetSync } from './find-sync.ts'
import type { SizesFile } from './group-history.ts'
import { findRevert, refuseChangedSince, revertWords } from './revert-scale.ts'
import type { ScaleRequest } from './scale.ts'

/** How sizes of one form of cluster are changed in Git. */
export interface SizesEditor<P extends PlannedScale> {
  readonly fileIn: (tree: FileTree) => Promise<SizesFile>
  readonly plan: (wish: ScaleRequest, tree: FileTree) => Promise<P>
}

/** Commits what a request wishes for: sizes, or that a commit be undone. */
export async function commitWish<P extends PlannedScale>(
  request: ScaleRequest,
  sync: FleetSync,
  mirror: Mirror,
  editor: SizesEditor<P>,
): Promise<CommittedScale<P>> {
  if (request.revert === undefined) return commitScale(request, sync, mirror, tree => editor.plan(request, tree))
  const revert = await findRevert(request, sync, mirror, editor.fileIn)
  request.onRevert?.(revert.commit)
  const wish = { ...request, targets: revert.changes.map(({ group, from }) => ({ group, count: from })) }
  const plan = async (tree: FileTree, tip: string | undefined): Promise<P> => {
    await refuseChangedSince(revert, mirror, tree, tip)
    return editor.plan(wish, tree)
  }
  return commitScale(wish, sync, mirror, plan, revertWords(request.cluster, revert))
}
