export { code, requestBranch } from './request-text.ts'
export { type BranchOf, reviewWanted } from './review-wanted.ts'
export type { Change, ChangeResult, ChangeText, ReviewEvent, ReviewMode } from './types.ts'
export { writeChange } from './write-change.ts'
