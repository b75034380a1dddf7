import { setMaxListeners } from 'node:events'
import type { SluiceError } from '../base/errors/index.ts'
import { Semaphore } from '../base/semaphore.ts'
import type { ClusterConfig } from '../specs/index.ts'
import { type ActContext, actOnGroup, type GroupEffect } from './act.ts'
import type { AwsClients } from './aws/clients.ts'
import { readLiveGroups } from './aws/read-groups.ts'
import { type GroupState, type GroupStatus, planGroups } from './plan-group.ts'
import type { GroupPolicy } from './policy.ts'

export interface PassOptions {
  readonly aws: AwsClients
  readonly config: ClusterConfig
  readonly policy: GroupPolicy
  /** The groups as the last pass left them. */
  readonly previous: readonly GroupStatus[]
  readonly signal: AbortSignal
  readonly effect?: GroupEffect
  /** Whether groups whose last update failed are tried again; true when absent. */
  readonly retryFailed?: boolean
}

export interface PassResult {
  readonly groups: readonly GroupStatus[]
  /** Something runs in AWS: look again soon. */
  readonly pending: boolean
  /** What may pass by itself stood in the way: look again after a pause that grows. */
  readonly error: SluiceError | undefined
}

/** Groups worked on at once in one cluster. */
const width = 4

const moving: readonly GroupState[] = ['Updating', 'Waiting', 'Creating', 'Deleting']

/**
 * One look at a cluster: reads what AWS has, compares it with the file, asks for what differs (at most one change a group),
 * and waits for nothing. Whatever ended the pass before it, the next one sees the same world and goes on.
 *
 * @throws E_AWS_… when the groups cannot be read at all
 */
export async function runPass(options: PassOptions): Promise<PassResult> {
  const { aws, config, policy, previous, signal } = options
  // Each group listens for the end: that many listeners are no leak.
  setMaxListeners(0, signal)
  const cluster = config.metadata.name
  const live = await readLiveGroups(aws, cluster, signal)
  const context: ActContext = {
    aws,
    cluster,
    signal,
    effect: options.effect ?? ((_, work) => work()),
    retryFailed: options.retryFailed ?? true,
  }
  const slots = new Semaphore(width)
  const results = await Promise.all(
    planGroups(config, live, policy).map(plan =>
      slots.run(
        () =>
          actOnGroup(
            context,
            plan,
            previous.find(one => one.name === plan.status.name && one.kind === plan.status.kind),
          ),
        signal,
      ),
    ),
  )
  return {
    groups: results.map(one => one.status),
    pending: results.some(one => moving.includes(one.status.state)),
    error: results.map(one => one.error).find(error => error?.retryable),
  }
}
