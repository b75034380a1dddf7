import type { GroupKind } from '../specs/index.ts'
import type { LiveSize } from './decide.ts'

/** A node group as AWS has it. */
export interface LiveGroup {
  readonly name: string
  readonly kind: GroupKind
  readonly size: LiveSize
  /** EKS's status of a managed group; `ACTIVE` for an auto scaling group, unless its stack is being deleted. */
  readonly status: string
  /** Machines that run now. */
  readonly nodes: number
  /** The stack that eksctl made for it. */
  readonly stack?: string
  /** Name of the auto scaling group of a self-managed group. */
  readonly autoScalingGroup?: string
  readonly launchTemplate?: { readonly id: string; readonly version: string }
  /** Changes with each change of a managed group. */
  readonly modifiedAt?: string
  /** What EKS says is wrong with it. */
  readonly issues: readonly string[]
}
