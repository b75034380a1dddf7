export type { ChangeRequest, ChangeRequests, NewChangeRequest } from './change-request.ts'
export { checkToken } from './check-token.ts'
export { type Check, type CheckLine, runChecklist } from './checklist.ts'
export {
  type CreateForge,
  createForge,
  forgeCapabilities,
  forgeKinds,
  kindOfHost,
  parseForgeKind,
} from './create-forge.ts'
export { type DetectOptions, detectForgeKind } from './detect-kind.ts'
export type { ForgeConnection } from './forge-options.ts'
export { gitHubAddresses } from './github/addresses.ts'
export { createGitHubForge, GitHubForge, type GitHubOptions } from './github/forge.ts'
export { type DeployToken, GitLabForge } from './gitlab/forge.ts'
export { type LocatedForge, type LocateOptions, locateForge } from './locate-forge.ts'
export { gitAddress, namesIn, pagesHost } from './plain-git/address.ts'
export { GitForge, type GitForgeOptions } from './plain-git/forge.ts'
export { plannedChecks } from './planned-checks.ts'
export { type ProbeOptions, probeForge } from './probe/probe.ts'
export { classifyToken, type TokenFamily, type TokenShape, type TokenUse, tokenProblem } from './token-shape.ts'
export type {
  BranchProtection,
  CreateRepository,
  DeployKey,
  Forge,
  ForgeCapabilities,
  ForgeIdentity,
  ForgeKind,
  ForgeOwner,
  ForgeRepository,
  NewDeployKey,
  NewWebhook,
  RepositoryNames,
  TokenTarget,
  Webhook,
} from './types.ts'
