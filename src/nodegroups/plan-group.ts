import type { CreateNodegroupCommandInput } from '@aws-sdk/client-eks'
import { type ClusterConfig, type EksctlCluster, type GroupSize, groupSizes } from '../specs/index.ts'
import { creationOf } from './create-input.ts'
import { decideSize, driftText, type SizeUpdate } from './decide.ts'
import type { LiveGroup } from './live-groups.ts'
import type { GroupPolicy } from './policy.ts'

/** One group as the status of an EksctlCluster has it. */
export type GroupStatus = NonNullable<NonNullable<EksctlCluster['status']>['groups']>[number]
export type GroupState = GroupStatus['state']

export type GroupAction =
  | { readonly type: 'update'; readonly size: SizeUpdate }
  | { readonly type: 'create'; readonly input: CreateNodegroupCommandInput }
  | { readonly type: 'delete' }

/** What is to be said about a group, and done to it. */
export interface GroupPlan {
  readonly status: GroupStatus
  readonly live: LiveGroup | undefined
  readonly action?: GroupAction
}

/** What is to be said and done about every group of a cluster: those of the file first, then those that only AWS has. Pure. */
export function planGroups(config: ClusterConfig, live: readonly LiveGroup[], policy: GroupPolicy): GroupPlan[] {
  const wanted = groupSizes(config).map(size =>
    policy.autoscaled.includes(size.name) ? { ...size, autoscaled: true } : size,
  )
  const names = new Set(wanted.map(size => size.name))
  const plans = wanted.map(size => {
    const there = live.find(one => one.name === size.name)
    return there ? planPresent(size, there, policy) : planMissing(config, size, policy)
  })
  for (const group of live) if (!names.has(group.name)) plans.push(planExtra(group, policy, wanted.length === 0))
  return plans
}

function planPresent(git: GroupSize, live: LiveGroup, policy: GroupPolicy): GroupPlan {
  const update = decideSize(git, live.size)
  const base = {
    name: git.name,
    kind: git.kind,
    git: gitSize(git),
    live: { ...live.size },
    nodes: live.nodes,
    ...(update === undefined ? {} : { drift: driftText(update, live.size) }),
  }
  const say = (state: GroupState, message?: string): GroupPlan => ({
    status: { ...base, state, ...(message === undefined ? {} : { message }) },
    live,
  })
  if (git.kind !== live.kind) {
    return say('Refused', `it is ${live.kind} in AWS and ${git.kind} in Git; give the new group another name`)
  }
  const issues = live.issues.join('; ')
  switch (live.status) {
    case 'CREATING':
      return say('Creating', 'it is being made in AWS')
    case 'DELETING':
      return say('Deleting', 'it is being deleted in AWS, though Git has it')
    case 'UPDATING':
      return say('Updating', 'EKS carries out an update of it')
    case 'CREATE_FAILED':
    case 'DELETE_FAILED':
      return say('Failed', `EKS says ${live.status}${issues === '' ? '' : `: ${issues}`}; mend or delete it in AWS`)
  }
  if (update === undefined) return say('InSync', issues === '' ? undefined : `EKS says ${live.status}: ${issues}`)
  if (policy.dryRun) return say('Drifted', 'spec.dryRun is true: nothing is changed')
  return { ...say('Drifted'), action: { type: 'update', size: update } }
}

function planMissing(config: ClusterConfig, git: GroupSize, policy: GroupPolicy): GroupPlan {
  const base = { name: git.name, kind: git.kind, git: gitSize(git), nodes: 0 }
  const command = `eksctl create nodegroup -f FILE --include ${git.name}`
  const say = (state: GroupState, message: string): GroupPlan => ({
    status: { ...base, state, message },
    live: undefined,
  })
  if (policy.missing === 'Report')
    return say('Missing', `AWS has no such group: ${command}, or set spec.missing: Create`)
  const creation = creationOf(config, git.name)
  if ('refused' in creation) return say('Refused', `it cannot be created here: ${creation.refused}. Use ${command}`)
  if (policy.dryRun) return say('Missing', 'it would be created; spec.dryRun is true')
  return { ...say('Missing', 'it is to be created'), action: { type: 'create', input: creation.input } }
}

function planExtra(live: LiveGroup, policy: GroupPolicy, emptyFile: boolean): GroupPlan {
  const base = { name: live.name, kind: live.kind, live: { ...live.size }, nodes: live.nodes }
  const say = (state: GroupState, message: string): GroupPlan => ({ status: { ...base, state, message }, live })
  if (live.status === 'DELETING') return say('Deleting', 'it is being deleted in AWS')
  if (policy.extra === 'Report') return say('Extra', 'the file has no such group; spec.extra: Delete would delete it')
  if (emptyFile) {
    return say('Refused', 'the file lists no group at all, which is far more often a mistake than a wish: not deleted')
  }
  if (live.kind === 'self-managed') {
    const command = `eksctl delete nodegroup --name ${live.name}`
    return say('Refused', `self-managed groups must be drained before they go, which is not done here: ${command}`)
  }
  if (live.status === 'UPDATING' || live.status === 'CREATING') return say('Waiting', `it is ${live.status} in AWS`)
  if (policy.dryRun) return say('Extra', 'it would be deleted; spec.dryRun is true')
  return { ...say('Extra', 'it is to be deleted'), action: { type: 'delete' } }
}

function gitSize({ min, max, desired }: GroupSize): NonNullable<GroupStatus['git']> {
  return { min, max, ...(desired === undefined ? {} : { desired }) }
}
