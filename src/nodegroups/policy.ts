import type { EksctlCluster } from '../specs/index.ts'

/** What may be done to a cluster's groups. */
export interface GroupPolicy {
  readonly missing: 'Report' | 'Create'
  readonly extra: 'Report' | 'Delete'
  /** Groups whose count is the autoscaler's whatever the file says. */
  readonly autoscaled: readonly string[]
  readonly dryRun: boolean
}

/** The policy that an EksctlCluster asks for; what it leaves out is the careful way. */
export function policyOf({ spec }: Pick<EksctlCluster, 'spec'>): GroupPolicy {
  return {
    missing: spec.missing ?? 'Report',
    extra: spec.extra ?? 'Report',
    autoscaled: spec.autoscaled ?? [],
    dryRun: spec.dryRun ?? false,
  }
}
