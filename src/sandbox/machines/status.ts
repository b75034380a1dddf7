import type { KubeObject } from '../../kube/object.ts'
import type { Cluster } from '../../specs/index.ts'
import type { MachineGroup } from './groups.ts'
import { groupOf, isOf, isReady, isUpToDate } from './node.ts'

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
  const settled = !failure && !states.some(counts)
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
  const control = groups.find(group => group.controlPlane)
  const controlNodes = nodes.filter(node => groupOf(node, name)?.controlPlane === true)
  // Once there was a control plane the cluster stays initialized, whatever becomes of its machines.
  const initialized =
    controlNodes.some(isReady) ||
    cluster.status?.conditions?.some(one => one.type === 'ControlPlaneInitialized' && one.status === 'True') === true
  const controlGroup: Counted[] = control === undefined ? [] : [{ group: control, nodes: controlNodes }]
  const skipsUpgrades = cluster.spec.clusterNetwork?.cniConfig?.cilium?.skipUpgrade === true
  return [
    initialized
      ? ok('ControlPlaneInitialized')
      : no(
          'ControlPlaneInitialized',
          'ControlPlaneInitializationInProgress',
          'The first control plane instance is not available yet',
        ),
    counted('ControlPlaneReady', 'control plane nodes', controlGroup, controlNodes),
    !initialized
      ? no('DefaultCNIConfigured', 'ControlPlaneNotReady', 'Control plane not ready')
      : skipsUpgrades
        ? no(
            'DefaultCNIConfigured',
            'SkipUpgradesForDefaultCNIConfigured',
            'Configured to skip default Cilium CNI upgrades',
          )
        : ok('DefaultCNIConfigured'),
    initialized
      ? workers(groups, nodes, name)
      : no('WorkersReady', 'ControlPlaneNotInitialized', 'Control plane not initialized'),
  ]
}

/** A group and the nodes that it has. */
interface Counted {
  readonly group: MachineGroup
  readonly nodes: readonly KubeObject[]
}

function workers(groups: readonly MachineGroup[], nodes: readonly KubeObject[], cluster: string): State {
  const all: Counted[] = groups
    .filter(group => !group.controlPlane)
    .map(group => ({ group, nodes: nodes.filter(node => isOf(node, cluster, group)) }))
  const scaled = all.filter(({ group }) => group.autoscaled)
  // Numbers are sums over the groups of fixed size; nodes of groups that are gone count until they are gone, too.
  const others = new Set(scaled.flatMap(one => one.nodes))
  const mine = nodes.filter(node => groupOf(node, cluster)?.controlPlane === false && !others.has(node))
  const replaced = rolling('WorkersReady', 'worker nodes', all)
  if (replaced !== undefined) return replaced
  const fixed = all.filter(({ group }) => !group.autoscaled)
  const state = counted('WorkersReady', 'worker nodes', fixed, mine)
  if (state.status === 'False') return state
  for (const { group, nodes: there } of scaled) {
    if (there.length < group.least || there.length > group.most) {
      const bounds = `not between ${group.least} and ${group.most} yet (${there.length} actual)`
      return no('WorkersReady', 'AutoscalerConstraintNotMet', `Worker nodes count for ${group.name} ${bounds}`)
    }
    const ready = there.filter(isReady).length
    if (ready < there.length) {
      return no(
        'WorkersReady',
        'NodesNotReady',
        `Worker nodes not ready yet, ${there.length} expected (${ready} ready)`,
      )
    }
  }
  return state
}

function rolling(type: string, what: string, groups: readonly Counted[]): State | undefined {
  const outdated = groups.flatMap(({ group, nodes }) => nodes.filter(node => !isUpToDate(node, group))).length
  if (outdated === 0) return undefined
  const total = groups.reduce((sum, { nodes }) => sum + nodes.length, 0)
  const message = `${capital(what)} not up-to-date yet, ${outdated} upgrading (${total - outdated} up to date)`
  return no(type, 'RollingUpgradeInProgress', message)
}

/** The state of groups of fixed size; `nodes` are all that count against their sum. */
function counted(type: string, what: string, groups: readonly Counted[], nodes: readonly KubeObject[]): State {
  const replaced = rolling(type, what, groups)
  if (replaced !== undefined) return replaced
  const wanted = groups.reduce((sum, { group }) => sum + group.start, 0)
  const ready = nodes.filter(isReady).length
  const actual = `${wanted} expected (${nodes.length} actual)`
  if (nodes.length < wanted) return no(type, 'ScalingUp', `Scaling up ${what}, ${actual}`)
  if (nodes.length > wanted) return no(type, 'ScalingDown', `Scaling down ${what}, ${actual}`)
  if (ready < wanted) {
    return no(type, 'NodesNotReady', `${capital(what)} not ready yet, ${wanted} expected (${ready} ready)`)
  }
  return ok(type)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function summary(states: readonly State[]): State {
  const first = states.find(counts)
  return first ? { ...first, type: 'Ready' } : ok('Ready')
}

/** Whether a state keeps the cluster from being Ready; that upgrades of the network plugin are left out does not. */
function counts({ status, reason }: State): boolean {
  return status === 'False' && reason !== 'SkipUpgradesForDefaultCNIConfigured'
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
