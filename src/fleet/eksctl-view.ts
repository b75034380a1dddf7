import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import type { EksctlCluster } from '../specs/index.ts'
import type { ClusterRow, NodeGroupRow } from './types.ts'

/** eksctl clusters as rows of the fleet. Pure. */
export function eksctlRows(clusters: readonly KubeObject[], nodes: readonly KubeObject[]): ClusterRow[] {
  return clusters.map(cluster => eksctlRow(cluster as EksctlCluster, nodes))
}

function eksctlRow(cluster: EksctlCluster, nodes: readonly KubeObject[]): ClusterRow {
  const { name = '', namespace = '' } = cluster.metadata
  const status = cluster.status ?? {}
  const groups = (status.groups ?? []).map((group): NodeGroupRow => {
    const { git, live } = group
    const size = git ?? live
    const ownCount = git?.desired !== undefined && !(cluster.spec.autoscaled ?? []).includes(group.name)
    const mine = nodes.filter(node => groupOfNode(node) === group.name)
    return {
      cluster: name,
      namespace,
      name: group.name,
      // A group that only AWS has is wanted by nobody.
      wanted: git === undefined ? 0 : ownCount ? git.desired : undefined,
      current: group.nodes ?? 0,
      ready: mine.length > 0 ? mine.filter(isReady).length : (group.nodes ?? 0),
      ...(group.drift === undefined ? {} : { drift: group.drift }),
      autoscaling: git !== undefined && !ownCount && size ? { min: size.min ?? 0, max: size.max ?? 0 } : undefined,
    }
  })
  return {
    namespace,
    name,
    role: 'management',
    kubernetesVersion: status.kubernetesVersion,
    groups,
    wanted: groups.reduce((sum, group) => sum + (group.wanted ?? group.current), 0),
    ready: groups.reduce((sum, group) => sum + group.ready, 0),
    ...healthOf(cluster),
    revision: status.lastAppliedRevision,
    created: cluster.metadata.creationTimestamp,
    paused: cluster.spec.suspend === true,
  }
}

/** The node group that a node of EKS belongs to, by the labels of EKS and of eksctl. */
function groupOfNode({ metadata: { labels = {} } }: KubeObject): string | undefined {
  return labels['eks.amazonaws.com/nodegroup'] ?? labels['alpha.eksctl.io/nodegroup-name']
}

function isReady(node: KubeObject): boolean {
  return conditionOf(node, 'Ready')?.status === 'True'
}

function healthOf(cluster: EksctlCluster): Pick<ClusterRow, 'health' | 'message'> {
  const ready = conditionOf(cluster as KubeObject, 'Ready')
  if (!ready) {
    return { health: 'Unknown', message: 'no status reported yet: node groups are followed by sluice nodegroups run' }
  }
  if (ready.status === 'True') {
    const extra = (cluster.status?.groups ?? []).filter(group => group.state === 'Extra').map(group => group.name)
    return { health: 'Ready', message: extra.length === 0 ? undefined : `only in AWS: ${extra.join(', ')}` }
  }
  return { health: ready.status === 'False' ? 'Failed' : 'Moving', message: ready.message }
}
