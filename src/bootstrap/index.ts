export { applyBootstrap } from './apply.ts'
export { type Approval, approvalOf } from './approval.ts'
export { preflight } from './checks.ts'
export { type DiagnosisContext, type DiagnosisSubject, diagnose } from './diagnose.ts'
export { faultSeam } from './fault-seam.ts'
export { fitToLive } from './fit-to-live.ts'
export { fleetFromFlags } from './fleet-from-flags.ts'
export type { Fleet, FleetCluster } from './fleet-input.ts'
export { fleetOn } from './fleet-on.ts'
export { planBootstrap } from './plan.ts'
export { readFleetSpecs } from './read-fleet-specs.ts'
export { problemOf } from './steps/check.ts'
export { aloneAtSwitch } from './switch/alone.ts'
export { type EngineName, switchSteps } from './switch/index.ts'
export {
  installKey,
  lacksKey,
  otherParts,
  type SyncCredential,
  syncSecretName,
  type WantedCredential,
  wantedCredential,
} from './sync-credential.ts'
export { findGitHubToken } from './token-source.ts'
export type * from './types.ts'
export { followedUrl, usesDeployKey } from './usual-sync.ts'
