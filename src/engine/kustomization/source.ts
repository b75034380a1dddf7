import type { FileTree } from '../../base/file-tree.ts'
import { StepFailure } from '../failure.ts'
import type { SourceKindName, Sources } from '../source/sources.ts'
import type { SourceRef } from './facts.ts'

/** What a Kustomization is built from. */
export interface ResolvedSource {
  readonly revision: string
  /** Of the artifact: one revision can have several, when what is left out of it changes. */
  readonly digest: string
  readonly tree: FileTree
}

/** How long to wait for a source that has nothing yet; its first artifact ends the wait at once. */
const retryMs = 30_000

const plurals: Readonly<Record<string, string>> = {
  GitRepository: 'gitrepositories',
  OCIRepository: 'ocirepositories',
  Bucket: 'buckets',
  ExternalArtifact: 'externalartifacts',
}

/** Finds the source and opens its artifact; one that is not on this machine is asked for again. */
export async function resolveSource(ref: SourceRef, sources: Sources): Promise<ResolvedSource> {
  if (ref.kind === 'ExternalArtifact' && !sources.serves(ref.kind)) {
    throw new StepFailure(
      'AccessDenied',
      `can't access '${ref.kind}/${ref.namespace}/${ref.name}', ExternalArtifact feature gate is disabled`,
      { stalled: true },
    )
  }
  const source = sources.find(ref.kind as SourceKindName, ref.namespace, ref.name)
  if (source === undefined) {
    const plural = plurals[ref.kind] ?? ref.kind.toLowerCase()
    throw new StepFailure('ArtifactFailed', `${plural}.source.toolkit.fluxcd.io "${ref.name}" not found`)
  }
  const artifact = source.status?.artifact
  if (artifact === undefined) {
    throw new StepFailure('ArtifactFailed', 'Source artifact not found, retrying in 30s', { retryMs })
  }
  const tree = await sources.tree(source)
  if (tree === undefined) {
    sources.refetch(source)
    throw new StepFailure('ArtifactFailed', 'Source is not ready, artifact not found, retrying in 30s', { retryMs })
  }
  return { revision: artifact.revision, digest: artifact.digest, tree }
}
