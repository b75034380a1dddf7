import type { AppsPlace } from '../../apps/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import type { FileChange } from '../../git/index.ts'
import { overlayTree } from '../../gitops/overlay-tree.ts'
import type { ServerContext } from '../context.ts'
import type { RepositoryState } from '../repository/index.ts'

/** What is worked with while a change is planned: later steps see what earlier ones have written. */
export interface Draft {
  readonly context: ServerContext
  readonly state: RepositoryState
  readonly place: AppsPlace
  readonly files: Map<string, FileChange>
  readonly secrets: Map<string, readonly (readonly string[])[]>
  tree(): FileTree
  add(changes: readonly FileChange[]): void
}

/** A draft of the repository as it is. */
export function newDraft(context: ServerContext, state: RepositoryState): Draft {
  const files = new Map<string, FileChange>()
  return {
    context,
    state,
    place: state.place,
    files,
    secrets: new Map(),
    tree: () => (files.size === 0 ? state.tree : overlayTree(state.tree, [...files.values()])),
    add: changes => {
      for (const change of changes) files.set(change.path, change)
    },
  }
}
