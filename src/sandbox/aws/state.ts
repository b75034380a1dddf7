/** Sizes of a group. */
export interface Scaling {
  readonly minSize: number
  readonly maxSize: number
  readonly desiredSize: number
}

export type NodegroupStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' | 'CREATE_FAILED' | 'DEGRADED'

/** A managed node group of EKS. */
export interface Nodegroup {
  readonly name: string
  readonly arn: string
  readonly group: string
  status: NodegroupStatus
  scaling: Scaling
  modifiedAt: number
  readonly createdAt: number
  readonly settings: Readonly<Record<string, unknown>>
  readonly updates: Update[]
}

/** An asynchronous update of a node group. */
export interface Update {
  readonly id: string
  readonly token: string
  readonly target: Scaling
  readonly createdAt: number
  status: 'InProgress' | 'Successful' | 'Failed' | 'Cancelled'
  errors: readonly { readonly errorCode: string; readonly errorMessage: string }[]
}

export interface AutoScalingGroup {
  readonly name: string
  scaling: Scaling
  /** Machines that run. */
  instances: number
  readonly launchTemplate?: { readonly id: string; readonly version: string }
  readonly tags: Readonly<Record<string, string>>
}

export interface Stack {
  readonly name: string
  readonly id: string
  status: string
  readonly createdAt: number
  readonly tags: Readonly<Record<string, string>>
  /** Logical id → type and physical id. */
  readonly resources: Readonly<Record<string, { readonly type: string; readonly id: string }>>
}

/** Everything that the endpoint holds, of one account and region. */
export interface AwsState {
  /** Managed node groups by cluster, then by name. */
  readonly clusters: Map<string, Map<string, Nodegroup>>
  readonly groups: Map<string, AutoScalingGroup>
  readonly stacks: Map<string, Stack>
  /** Image of each version of each launch template. */
  readonly launchTemplates: Map<string, Map<string, string>>
  readonly images: Set<string>
}

export const account = '111122223333'

export function emptyState(): AwsState {
  return { clusters: new Map(), groups: new Map(), stacks: new Map(), launchTemplates: new Map(), images: new Set() }
}

/** The failure that a service answers with. */
export class AwsFailure extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}
