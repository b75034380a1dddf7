export { type AwsAdmin, type AwsCall, type AwsOptions, type SandboxAws, sandboxAwsKey, startAws } from './aws.ts'
export type { AwsKey } from './callers.ts'
export type { Fault, FaultKind } from './faults.ts'
export type { Scaling } from './state.ts'
