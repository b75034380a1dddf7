import { isObject, valueAt } from '../base/json.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { type ClusterRow, controlPlaneGroup, type NodeGroupRow } from './types.ts'

/** What the view is made from: everything as the API server lists it. */
export interface FleetObjects {
  readonly clusters: readonly KubeObject[]
  readonly nodes: readonly KubeObject[]
  readonly kustomizations: readonly KubeObject[]
}

/** The fleet as rows, sorted: management clusters first, then by name. Pure. */
export function fleetView(objects: FleetObjects): ClusterRow[] {
  return objects.clusters
    .map(cluster => clusterRow(cluster, objects))
    .sort((a, b) => (a.role === b.role ? compare(a.name, b.name) : a.role === 'management' ? -1 : 1))
}

function clusterRow(cluster: KubeObject, { nodes, kustomizations }: FleetObjects): ClusterRow {
  const name = cluster.metadata.name ?? ''
  const namespace = cluster.metadata.namespace ?? ''
  const mine = nodes.filter(node => node.metadata.labels?.['cluster.x-k8s.io/cluster-name'] === name)
  const groups = nodeGroups(cluster).map(group => groupRow(cluster, group, mine))
  const manager = valueAt(cluster, ['spec', 'managementCluster', 'name'])
  return {
    namespace,
    name,
    role: manager === undefined || manager === name ? 'management' : 'workload',
    kubernetesVersion: text(valueAt(cluster, ['spec', 'kubernetesVersion'])),
    groups,
    wanted: groups.reduce((sum, group) => sum + (group.wanted ?? group.current), 0),
    ready: groups.reduce((sum, group) => sum + group.ready, 0),
    ...healthOf(cluster),
    revision: revisionOf(cluster, kustomizations),
    created: cluster.metadata.creationTimestamp,
    paused: cluster.metadata.annotations?.['anywhere.eks.amazonaws.com/paused'] === 'true',
  }
}

/** A group as the cluster's spec has it. */
export interface SpecGroup {
  readonly name: string
  readonly count: number | undefined
  readonly autoscaling: { readonly min: number; readonly max: number } | undefined
}

/** The groups of machines in a Cluster's spec, control plane first. */
export function nodeGroups(cluster: KubeObject): SpecGroup[] {
  const groups: SpecGroup[] = [
    {
      name: controlPlaneGroup,
      count: integer(valueAt(cluster, ['spec', 'controlPlaneConfiguration', 'count'])),
      autoscaling: undefined,
    },
  ]
  const workers = valueAt(cluster, ['spec', 'workerNodeGroupConfigurations'])
  for (const [i, group] of (Array.isArray(workers) ? workers : []).entries()) {
    if (!isObject(group)) continue
    const bounds = group['autoscalingConfiguration']
    const autoscaling = isObject(bounds)
      ? { min: integer(bounds['minCount']) ?? 0, max: integer(bounds['maxCount']) ?? 0 }
      : undefined
    groups.push({
      name: text(group['name']) ?? `md-${i}`,
      count: integer(group['count']) ?? (autoscaling ? undefined : 1),
      autoscaling,
    })
  }
  return groups
}

function groupRow(cluster: KubeObject, group: SpecGroup, nodes: readonly KubeObject[]): NodeGroupRow {
  const mine = nodes.filter(node => groupOfNode(node, cluster.metadata.name ?? '') === group.name)
  return {
    cluster: cluster.metadata.name ?? '',
    namespace: cluster.metadata.namespace ?? '',
    name: group.name,
    wanted: group.autoscaling ? undefined : (group.count ?? 0),
    current: mine.length,
    ready: mine.filter(isReadyNode).length,
    autoscaling: group.autoscaling,
  }
}

/** The group that a node belongs to, by the labels of Cluster API. */
export function groupOfNode(node: KubeObject, cluster: string): string | undefined {
  const labels = node.metadata.labels ?? {}
  if ('node-role.kubernetes.io/control-plane' in labels) return controlPlaneGroup
  const deployment = labels['cluster.x-k8s.io/deployment-name']
  return deployment?.startsWith(`${cluster}-`) ? deployment.slice(cluster.length + 1) : deployment
}

export function isReadyNode(node: KubeObject): boolean {
  return conditionOf(node, 'Ready')?.status === 'True'
}

function healthOf(cluster: KubeObject): { health: ClusterRow['health']; message: string | undefined } {
  const failure = text(valueAt(cluster, ['status', 'failureMessage']))
  if (failure) return { health: 'Failed', message: failure }
  const ready = conditionOf(cluster, 'Ready')
  if (!ready) return { health: 'Unknown', message: 'no status reported yet' }
  const behind = integer(valueAt(cluster, ['status', 'observedGeneration']))
  if (behind !== undefined && cluster.metadata.generation !== undefined && behind < cluster.metadata.generation) {
    return { health: 'Moving', message: 'the latest change is not taken up yet' }
  }
  return ready.status === 'True'
    ? { health: 'Ready', message: undefined }
    : { health: 'Moving', message: ready.message }
}

/** The revision that the Kustomization which owns the cluster applied last. */
function revisionOf(cluster: KubeObject, kustomizations: readonly KubeObject[]): string | undefined {
  const labels = cluster.metadata.labels ?? {}
  const owner = kustomizations.find(
    one =>
      one.metadata.name === labels['kustomize.toolkit.fluxcd.io/name'] &&
      one.metadata.namespace === labels['kustomize.toolkit.fluxcd.io/namespace'],
  )
  return owner && text(valueAt(owner, ['status', 'lastAppliedRevision']))
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
