export { checkToken } from './check-token.ts'
export type { CheckLine } from './checklist.ts'
export { gitHubAddresses } from './github/addresses.ts'
export { createGitHubForge, GitHubForge, type GitHubOptions } from './github/forge.ts'
export { classifyToken, type TokenFamily, type TokenShape, type TokenUse, tokenProblem } from './token-shape.ts'
export type {
  BranchProtection,
  CreateRepository,
  Forge,
  ForgeCapabilities,
  ForgeIdentity,
  ForgeKind,
  ForgeOwner,
  ForgeRepository,
  TokenTarget,
} from './types.ts'
