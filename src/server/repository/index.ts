export { commitUrl, commitView } from './commit-view.ts'
export { fileDiffs } from './file-diffs.ts'
export { FollowedRepository, type RepositoryChange, type RepositoryState } from './followed-repository.ts'
export { type LookedAt, refuseChanged } from './refuse-changed.ts'
