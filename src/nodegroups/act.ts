import { createHash } from 'node:crypto'
import { SluiceError } from '../base/errors/index.ts'
import type { AwsClients } from './aws/clients.ts'
import { createNodegroup, deleteNodegroup, describeUpdate, updateNodegroup } from './aws/eks-calls.ts'
import { requireImage, updateScalingGroup } from './aws/scaling-calls.ts'
import { deleteStack } from './aws/stack-calls.ts'
import type { SizeUpdate } from './decide.ts'
import type { LiveGroup } from './live-groups.ts'
import type { GroupAction, GroupPlan, GroupStatus } from './plan-group.ts'

/** Runs one effect on AWS, named like `nodegroups.update`; tests make it end the process there. */
export type GroupEffect = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** What acting on groups needs. */
export interface ActContext {
  readonly aws: AwsClients
  readonly cluster: string
  readonly effect: GroupEffect
  readonly signal: AbortSignal
  /** Whether a group whose last update failed is tried again now. */
  readonly retryFailed: boolean
}

/** What became of a group. */
export interface ActResult {
  readonly status: GroupStatus
  /** What stood in the way, for the back-off. */
  readonly error?: SluiceError
}

/** Carries out what a plan says about one group: at most one call that changes anything. Nothing is waited for. */
export async function actOnGroup(
  context: ActContext,
  plan: GroupPlan,
  previous: GroupStatus | undefined,
): Promise<ActResult> {
  const { status, action } = plan
  try {
    const failed = await failedBefore(context, plan, previous)
    if (failed) return { status: failed }
    if (action === undefined) {
      const runs = status.state === 'Updating' && previous?.updateId !== undefined
      return { status: runs ? { ...status, updateId: previous.updateId as string } : status }
    }
    return { status: { ...status, ...(await carryOut(context, plan, action)) } }
  } catch (error) {
    context.signal.throwIfAborted()
    if (!(error instanceof SluiceError)) throw error
    const waits = error.code === 'E_AWS_BUSY' || error.code === 'E_AWS_THROTTLED'
    const message = waits ? `${error.message}; tried again by itself` : `${error.message}. ${error.next}`
    return { status: { ...status, state: waits ? 'Waiting' : 'Failed', message }, error }
  }
}

/** The update that was asked for last, if it ended in failure: it is not asked for again at once. */
async function failedBefore(
  { aws, cluster, signal, retryFailed }: ActContext,
  { status, action }: GroupPlan,
  previous: GroupStatus | undefined,
): Promise<GroupStatus | undefined> {
  if (action?.type !== 'update' || previous?.updateId === undefined) return undefined
  if (previous.state === 'Failed') {
    const known = {
      updateId: previous.updateId,
      ...(previous.message === undefined ? {} : { message: previous.message }),
    }
    return retryFailed ? undefined : { ...status, state: 'Failed', ...known }
  }
  if (previous.state !== 'Updating') return undefined
  const update = await describeUpdate(aws, cluster, status.name, previous.updateId, signal)
  if (update?.status !== 'Failed' && update?.status !== 'Cancelled') return undefined
  const why = (update.errors ?? []).map(one => `${one.errorCode}: ${one.errorMessage}`).join('; ')
  const message = `the update of EKS ended as ${update.status}${why === '' ? '' : `: ${why}`}`
  return { ...status, state: 'Failed', updateId: previous.updateId, message }
}

async function carryOut(context: ActContext, plan: GroupPlan, action: GroupAction): Promise<Partial<GroupStatus>> {
  const { aws, cluster, effect, signal } = context
  const { status, live } = plan
  switch (action.type) {
    case 'update':
      return live?.kind === 'self-managed'
        ? await resizeOwn(context, live, action.size)
        : await resizeManaged(context, plan, action.size)
    case 'create': {
      // The same token for the same wish: a call that is repeated makes no second group.
      const clientRequestToken = tokenOf([cluster, status.name, 'create', action.input])
      await effect('nodegroups.create', () => createNodegroup(aws, { ...action.input, clientRequestToken }, signal))
      return { state: 'Creating', message: 'it is being made in AWS' }
    }
    case 'delete':
      await effect('nodegroups.delete', () =>
        live?.stack === undefined
          ? deleteNodegroup(aws, cluster, status.name, signal)
          : deleteStack(aws, live.stack, signal),
      )
      return { state: 'Deleting', message: 'it is being deleted in AWS' }
  }
}

async function resizeManaged(
  { aws, cluster, effect, signal }: ActContext,
  { status, live }: GroupPlan,
  size: SizeUpdate,
): Promise<Partial<GroupStatus>> {
  // Made of what the update starts from: the same start gives the same token, and so no second update, also after a kill;
  // a later drift to the same size starts from another moment and gets an update of its own.
  const token = tokenOf([cluster, status.name, size, live?.modifiedAt, live?.size])
  const update = await effect('nodegroups.update', () =>
    updateNodegroup(aws, { cluster, name: status.name, size, token }, signal),
  )
  return {
    state: 'Updating',
    message: `EKS was asked for: ${status.drift ?? ''}`,
    ...(update?.id === undefined ? {} : { updateId: update.id }),
  }
}

async function resizeOwn(
  { aws, effect, signal }: ActContext,
  live: LiveGroup,
  size: SizeUpdate,
): Promise<Partial<GroupStatus>> {
  const name = live.autoScalingGroup
  if (name === undefined) {
    throw new SluiceError('E_AWS_NOT_FOUND', { object: live.name, seen: `no auto scaling group in ${live.stack}` })
  }
  const grows = (size.desired ?? live.size.desired) > live.size.desired || size.max > live.size.max
  if (grows && live.launchTemplate) await requireImage(aws, name, live.launchTemplate, signal)
  await effect('nodegroups.update', () => updateScalingGroup(aws, name, size, signal))
  return { state: 'Updating', message: 'the auto scaling group was asked for it' }
}

function tokenOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
