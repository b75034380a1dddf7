import type { KubeObject } from '../../kube/object.ts'
import type { Cluster } from '../../specs/index.ts'
import type { MachineGroup } from './groups.ts'
import { groupOf, isReady } from './node.ts'

/** A condition as Cluster API writes it. */
interface ClusterCondition {
  type: string
  status: 'True' | 'False'
  reason?: string
  severity?: 'Error' | 'Warning' | 'Info'
  message?: string
  lastTransitionTime: string
}

/** Why a cluster cannot be reconciled. */
export interface ClusterFailure {
  readonly reason: 'MissingDependentObjects' | 'ManagementClusterRefInvalid' | 'ClusterInvalid'
  readonly message: string
}

export interface StatusInput {
  readonly cluster: Cluster
  readonly groups: readonly MachineGroup[]
  readonly nodes: readonly KubeObject[]
  readonly failure: ClusterFailure | undefined
  /** Sum of the generations of the objects around the cluster. */
  readonly childrenGeneration: number
  readonly now: Date
}

/** The status of a Cluster as EKS Anywhere's controller reports it: conditions, reasons and messages of its own. */
export function clusterStatus(input: StatusInput): Record<string, unknown> {
  const { cluster, failure, now } = input
  const before = (cluster.status?.conditions ?? []) as readonly ClusterCondition[]
  const states = failure ? [] : conditionStates(input)
  const conditions = (failure ? [...before] : [...states, summary(states)]).map(state =>
    withTransition(state, before, now),
  )
  const settled = !failure && states.every(state => state.status === 'True')
  const generation = cluster.metadata.generation ?? 1
  const reconciled = settled ? generation : cluster.status?.reconciledGeneration
  const children = settled ? input.childrenGeneration : cluster.status?.childrenReconciledGeneration
  return {
    ...(conditions.length > 0 ? { conditions } : {}),
    observedGeneration: generation,
    ...(reconciled === undefined ? {} : { reconciledGeneration: reconciled }),
    ...(children === undefined ? {} : { childrenReconciledGeneration: children }),
    ...(failure ? { failureReason: failure.reason, failureMessage: failure.message } : {}),
  }
}

type State = Omit<ClusterCondition, 'lastTransitionTime'>

function conditionStates({ cluster, groups, nodes }: StatusInput): State[] {
  const name = cluster.metadata.name ?? ''
  const of = (controlPlane: boolean) => nodes.filter(node => groupOf(node, name)?.controlPlane === controlPlane)
  const control = of(true)
  const initialized = control.some(isReady)
  const wantedControl = groups.find(group => group.controlPlane)?.start ?? 0
  return [
    initialized
      ? ok('ControlPlaneInitialized')
      : no(
          'ControlPlaneInitialized',
          'ControlPlaneInitializationInProgress',
          'The first control plane instance is not available yet',
        ),
    counted('ControlPlaneReady', 'control plane nodes', wantedControl, control),
    initialized
      ? ok('DefaultCNIConfigured')
      : no('DefaultCNIConfigured', 'ControlPlaneNotReady', 'Control plane not ready'),
    initialized
      ? workers(groups, nodes, name)
      : no('WorkersReady', 'ControlPlaneNotInitialized', 'Control plane not initialized'),
  ]
}

function workers(groups: readonly MachineGroup[], nodes: readonly KubeObject[], cluster: string): State {
  const mine = (group: MachineGroup) =>
    nodes.filter(node => groupOf(node, cluster)?.name === group.name && !groupOf(node, cluster)?.controlPlane)
  const known = new Set(groups.map(group => group.name))
  const fixed = groups.filter(group => !group.controlPlane && !group.autoscaled)
  const removed = nodes.filter(node => {
    const group = groupOf(node, cluster)
    return group !== undefined && !group.controlPlane && !known.has(group.name)
  })
  const wanted = fixed.reduce((sum, group) => sum + group.start, 0)
  const state = counted('WorkersReady', 'worker nodes', wanted, [...fixed.flatMap(mine), ...removed])
  if (state.status === 'False') return state
  for (const group of groups.filter(one => one.autoscaled)) {
    const there = mine(group)
    if (there.length < group.least || there.length > group.most) {
      return no(
        'WorkersReady',
        'AutoscalerConstraintNotMet',
        `Worker nodes count for ${group.name} not between ${group.least} and ${group.most} yet (${there.length} actual)`,
      )
    }
    const ready = there.filter(isReady).length
    if (ready < there.length)
      return no(
        'WorkersReady',
        'NodesNotReady',
        `Worker nodes not ready yet, ${there.length} expected (${ready} ready)`,
      )
  }
  return state
}

function counted(type: string, what: string, wanted: number, nodes: readonly KubeObject[]): State {
  const ready = nodes.filter(isReady).length
  if (nodes.length < wanted)
    return no(type, 'ScalingUp', `Scaling up ${what}, ${wanted} expected (${nodes.length} actual)`)
  if (nodes.length > wanted)
    return no(type, 'ScalingDown', `Scaling down ${what}, ${wanted} expected (${nodes.length} actual)`)
  if (ready < wanted)
    return no(
      type,
      'NodesNotReady',
      `${what[0]?.toUpperCase()}${what.slice(1)} not ready yet, ${wanted} expected (${ready} ready)`,
    )
  return ok(type)
}

function summary(states: readonly State[]): State {
  const first = states.find(state => state.status === 'False')
  return first ? { ...first, type: 'Ready' } : ok('Ready')
}

function ok(type: string): State {
  return { type, status: 'True' }
}

function no(type: string, reason: string, message: string): State {
  return { type, status: 'False', reason, severity: 'Info', message }
}

function withTransition(state: State, before: readonly ClusterCondition[], now: Date): ClusterCondition {
  const old = before.find(one => one.type === state.type)
  const since = old?.status === state.status ? old.lastTransitionTime : undefined
  return { ...state, lastTransitionTime: since ?? `${now.toISOString().slice(0, 19)}Z` }
}
