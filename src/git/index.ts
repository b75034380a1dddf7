export { compareRefs, fetchAllRefs, isAncestor, pushRefs, type RefsToCarry } from './carry-refs.ts'
export {
  type BuiltCommit,
  buildCommit,
  type CommitRequest,
  type CommitResult,
  commitFiles,
  type Edit,
  inTurn,
  writeFiles,
} from './commit-files.ts'
export { wantsSignature } from './diagnose.ts'
export type { TreeChange } from './diff.ts'
export { type ListRefsOptions, listRemoteRefs, remoteDefaultBranch } from './list-refs.ts'
export { localTree } from './local-tree.ts'
export { type Fetched, type FetchOptions, Mirror, openMirror, trackingRef } from './mirror.ts'
export type { GitObject } from './object-reader.ts'
export { type GitResult, type GitRunOptions, killGroup, runGit, spawnGit } from './process.ts'
export { pushCommit, removeBranch } from './push.ts'
export { checkBranchName, checkRefName, isBranchName, isObjectId, isRefName } from './ref-name.ts'
export { type CommitWithTree, type LogOptions, Repository } from './repository.ts'
export { checkRepositoryUrl, isLoopback, type RepositoryUrl } from './repository-url.ts'
export { type CommitSigner, createSigner, type SigningKey } from './signing.ts'
export { checkTreePath } from './tree-path.ts'
export type { Commit, CommitAuthor, FileChange, GitAuth, GitRemote } from './types.ts'
export { checkGitVersion } from './version.ts'
export { withMirror } from './with-mirror.ts'
