import { Conditions } from '../engine/status/conditions.ts'
import type { Condition } from '../kube/object.ts'
import type { EksctlCluster } from '../specs/index.ts'
import type { GroupState, GroupStatus } from './plan-group.ts'

export type EksctlClusterStatus = NonNullable<EksctlCluster['status']>

/** What a pass found, or what kept it from one. */
export type Outcome =
  | {
      readonly groups: readonly GroupStatus[]
      readonly revision: string
      readonly region: string
      readonly version?: string
    }
  | { readonly failure: { readonly reason: string; readonly message: string }; readonly revision?: string }

/** The status of an EksctlCluster after a pass. Pure but for the time of transitions. */
export function nextStatus(object: EksctlCluster, outcome: Outcome, now: () => Date): EksctlClusterStatus {
  const before = object.status ?? {}
  const conditions = new Conditions(
    before.conditions as readonly Condition[] | undefined,
    object.metadata.generation ?? 0,
    now,
  )
  const verdict = 'failure' in outcome ? failed(outcome.failure) : verdictOf(outcome.groups, outcome.revision)
  conditions.set('Ready', verdict.status, verdict.reason, verdict.message)
  if (verdict.status === 'Unknown') conditions.set('Reconciling', 'True', verdict.reason, verdict.message)
  else conditions.remove('Reconciling')
  const requested = object.metadata.annotations?.['reconcile.fluxcd.io/requestedAt']
  const common = {
    observedGeneration: object.metadata.generation ?? 0,
    conditions: conditions.list() as EksctlClusterStatus['conditions'] & object,
    ...(requested === undefined ? {} : { lastHandledReconcileAt: requested }),
  }
  if ('failure' in outcome) {
    const attempted = outcome.revision ?? before.lastAttemptedRevision
    return { ...before, ...common, ...(attempted === undefined ? {} : { lastAttemptedRevision: attempted }) }
  }
  const { groups, revision, region, version } = outcome
  const applied = verdict.status === 'True' ? revision : before.lastAppliedRevision
  return {
    ...common,
    groups: [...groups],
    groupCount: groups.filter(group => group.git !== undefined).length,
    nodes: groups.reduce((sum, group) => sum + (group.nodes ?? 0), 0),
    region,
    lastAttemptedRevision: revision,
    ...(version === undefined ? {} : { kubernetesVersion: version }),
    ...(applied === undefined ? {} : { lastAppliedRevision: applied }),
  }
}

interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

function failed({ reason, message }: { reason: string; message: string }): Verdict {
  return { status: 'False', reason, message }
}

function verdictOf(groups: readonly GroupStatus[], revision: string): Verdict {
  const inState = (...states: GroupState[]) => groups.filter(group => states.includes(group.state))
  const list = (some: readonly GroupStatus[]) =>
    some
      .map(group => [group.name, group.message ?? group.drift].filter(part => part !== undefined).join(': '))
      .join('; ')
  const broken = inState('Failed', 'Refused')
  if (broken.length > 0) return failed({ reason: 'ReconciliationFailed', message: list(broken) })
  const moving = inState('Updating', 'Waiting', 'Creating', 'Deleting')
  if (moving.length > 0) return { status: 'Unknown', reason: 'Progressing', message: list(moving) }
  const missing = inState('Missing')
  if (missing.length > 0) return failed({ reason: 'GroupsMissing', message: list(missing) })
  const drifted = inState('Drifted')
  if (drifted.length > 0) {
    const message = drifted.map(group => `${group.name}: ${group.drift ?? group.message}`).join('; ')
    return failed({ reason: 'Drifted', message })
  }
  const extra = inState('Extra').map(group => group.name)
  const more = extra.length === 0 ? '' : `; only in AWS: ${extra.join(', ')}`
  return { status: 'True', reason: 'ReconciliationSucceeded', message: `Applied revision: ${revision}${more}` }
}
