import { createHash } from 'node:crypto'
import type { GitRepository } from '../../specs/flux/git-repository.ts'

/** `status.artifact` of a source. */
export type Artifact = NonNullable<NonNullable<GitRepository['status']>['artifact']>

/** Whether an artifact is a git tree in the engine's mirror, and no file of the store. */
export function isGitTree(artifact: Artifact): boolean {
  return artifact.metadata?.['sluice.dev/artifact'] === 'git-tree'
}

/** What an artifact is made from. */
export interface ArtifactInput {
  readonly namespace: string
  readonly name: string
  readonly url: string
  readonly revision: string
  readonly commit: string
  /** The git object id of the commit's root tree. */
  readonly tree: string
  /** `spec.ignore`; `.sourceignore` files are in the tree already. */
  readonly ignore: string | undefined
  readonly sparseCheckout: readonly string[] | undefined
  readonly now: Date
}

/**
 * The artifact of a commit. Unlike Flux's it is not an archive behind a URL: it is the git tree itself, kept in the
 * engine's mirror, less the excluded files. `digest` is a SHA-256 over the tree's object id and the exclusions: equal
 * content and exclusions give an equal digest, on any machine. `url` says where the same tree can be had, in the form
 * that pip and SPDX use; `metadata` says that it is no archive, so that nobody takes it for one.
 */
export function artifactOf(input: ArtifactInput): Artifact {
  const hash = createHash('sha256').update(`tree ${input.tree}\n`)
  if (input.ignore !== undefined) hash.update(`ignore ${input.ignore}\n`)
  if (input.sparseCheckout !== undefined) hash.update(`sparse ${JSON.stringify(input.sparseCheckout)}\n`)
  return {
    digest: `sha256:${hash.digest('hex')}`,
    lastUpdateTime: `${input.now.toISOString().slice(0, 19)}Z`,
    path: `gitrepository/${input.namespace}/${input.name}/${input.commit}`,
    revision: input.revision,
    url: `git+${input.url}@${input.commit}`,
    metadata: { 'sluice.dev/artifact': 'git-tree', 'sluice.dev/tree': input.tree },
  }
}
