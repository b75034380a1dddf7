import type { FileTree } from '../../base/file-tree.ts'
import type { GitRepository } from '../../specs/flux/git-repository.ts'
import { StepFailure } from '../failure.ts'
import type { Snapshots } from '../source/snapshots.ts'
import type { SourceRef } from './facts.ts'

/** What a Kustomization is built from. */
export interface ResolvedSource {
  readonly revision: string
  readonly tree: FileTree
}

/** How long to wait for a source that has nothing yet; its first artifact ends the wait at once. */
const retryMs = 30_000

/** Finds the source and opens its artifact. */
export async function resolveSource(
  ref: SourceRef,
  find: (namespace: string, name: string) => GitRepository | undefined,
  snapshots: Snapshots,
  /** Asks for a fetch of a source whose artifact is not on this machine. */
  refetch: (source: GitRepository) => void,
): Promise<ResolvedSource> {
  const source = find(ref.namespace, ref.name)
  if (source === undefined) {
    throw new StepFailure('ArtifactFailed', `gitrepositories.source.toolkit.fluxcd.io "${ref.name}" not found`)
  }
  const artifact = source.status?.artifact
  if (artifact === undefined) {
    throw new StepFailure('ArtifactFailed', 'Source artifact not found, retrying in 30s', { retryMs })
  }
  const tree = await snapshots.tree(source, artifact)
  if (tree === undefined) {
    refetch(source)
    throw new StepFailure('ArtifactFailed', 'Source is not ready, artifact not found, retrying in 30s', { retryMs })
  }
  return { revision: artifact.revision, tree }
}
