import type { GitRepository } from '../../specs/flux/git-repository.ts'
import { StepFailure } from '../failure.ts'
import type { FollowedRef } from './ref.ts'

/**
 * Refuses what this engine does not do. A field that is silently ignored would be worse: a signature that nobody checks,
 * or content that is missing from the build and then pruned.
 */
export function refuseUnsupported({ spec }: GitRepository, ref: FollowedRef): void {
  const fields: string[] = []
  if (ref.kind === 'unsupported') fields.push(ref.what)
  if (spec.verify !== undefined) fields.push('spec.verify')
  if (spec.include !== undefined && spec.include.length > 0) fields.push('spec.include')
  if (spec.recurseSubmodules) fields.push('spec.recurseSubmodules')
  if (spec.provider !== undefined && spec.provider !== 'generic') fields.push(`spec.provider: ${spec.provider}`)
  if (fields.length === 0) return
  throw new StepFailure(
    'UnsupportedField',
    `${fields.join(', ')}: not supported by Sluice's engine; remove it, or let Flux's source-controller follow this repository`,
    { stalled: true },
  )
}
