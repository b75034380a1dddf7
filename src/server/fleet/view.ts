import { SluiceError } from '../../base/errors/index.ts'
import { isObject, valueAt } from '../../base/json.ts'
import { withGit } from '../../fleet/git-sizes.ts'
import type { ClusterRow, GitSize, NodeGroupRow } from '../../fleet/types.ts'
import { groupOfNode, isReadyNode } from '../../fleet/view.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import { redact } from '../../secrets/secret.ts'
import { limitsOf } from '../../specs/index.ts'
import type { ClusterDetails, FleetCluster, FleetGroup } from '../contract/fleet.ts'
import { commitUrl } from '../repository/commit-view.ts'
import type { GitHalf } from './git-half.ts'

type KnownCluster = NonNullable<ReturnType<GitHalf['clusters']['get']>>

/** Texts from Git and clusters are shown so far. */
const longest = 1000
const short = (text: string): string => redact(text.slice(0, longest))

/** A cluster as the API gives it. */
export function clusterView(row: ClusterRow, half: GitHalf | undefined, now: Date): FleetCluster {
  const known = half?.clusters.get(`${row.namespace}/${row.name}`)
  const { created, message, groups, kubernetesVersion, revision, ...rest } = row
  return {
    ...rest,
    groups: [
      ...groups.map(group => ({
        ...groupView(half === undefined ? group : withGit(group, known?.sizes.get(group.name)), half),
        ...guardrailsOf(row.name, group.name, half, now),
      })),
      ...unseenGroups(row, known, half, now),
    ],
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    ...(revision === undefined ? {} : { revision }),
    ...(message === undefined ? {} : { message: short(message) }),
    ...(created === undefined ? {} : { createdAt: created }),
    ...(known === undefined ? {} : { path: known.file.path }),
  }
}

function guardrailsOf(cluster: string, group: string, half: GitHalf | undefined, now: Date) {
  if (half === undefined || half.guardrails instanceof SluiceError) return {}
  const limits = limitsOf(half.guardrails, cluster, group, now)
  return limits.length === 0 ? {} : { guardrails: limits.map(one => ({ ...one, rule: short(one.rule) })) }
}

/** Groups of an eksctl cluster's file that AWS was not asked about: before `sluice nodegroups run` has looked. */
function unseenGroups(
  row: ClusterRow,
  known: KnownCluster | undefined,
  half: GitHalf | undefined,
  now: Date,
): FleetGroup[] {
  if (known?.file.eksctl === undefined) return []
  return [...known.sizes]
    .filter(([name]) => !row.groups.some(group => group.name === name))
    .map(([name, git]) => ({
      name,
      current: 0,
      ready: 0,
      unseen: true,
      git: gitView(git, half),
      ...guardrailsOf(row.name, name, half, now),
    }))
}

function groupView(
  { name, wanted, current, ready, autoscaling, git, drift }: NodeGroupRow,
  half?: GitHalf,
): FleetGroup {
  return {
    name,
    current,
    ready,
    ...(wanted === undefined ? {} : { wanted }),
    ...(autoscaling === undefined ? {} : { autoscaling }),
    ...(git === undefined ? {} : { git: gitView(git, half) }),
    ...(drift === undefined ? {} : { drift: short(drift) }),
  }
}

function gitView({ size, commit, subject = '', author = '', date = '' }: GitSize, half: GitHalf | undefined) {
  if (commit === undefined) return { size }
  const url = half && commitUrl(half.state.connection, half.state.sync.url, commit)
  return {
    size,
    commit: {
      sha: commit,
      subject: short(subject),
      author: short(author),
      date,
      ...(url === undefined ? {} : { url }),
    },
  }
}

/** The nodes of a cluster, group by group. */
export function nodesOf(row: ClusterRow, nodes: readonly KubeObject[]): ClusterDetails['nodes'] {
  return nodes
    .filter(node => belongs(node, row))
    .map(node => {
      const ready = isReadyNode(node)
      const message = conditionOf(node, 'Ready')?.message
      const version = valueAt(node, ['status', 'nodeInfo', 'kubeletVersion'])
      const { labels = {}, creationTimestamp, name = '' } = node.metadata
      const group =
        groupOfNode(node, row.name) ?? labels['eks.amazonaws.com/nodegroup'] ?? labels['alpha.eksctl.io/nodegroup-name']
      return {
        name,
        ...(group === undefined ? {} : { group }),
        ready,
        ...(ready || message === undefined ? {} : { message: short(message) }),
        ...(typeof version === 'string' ? { version } : {}),
        ...(creationTimestamp === undefined ? {} : { createdAt: creationTimestamp }),
        schedulable: valueAt(node, ['spec', 'unschedulable']) !== true,
      }
    })
    .sort((a, b) => compare(`${a.group} ${a.name}`, `${b.group} ${b.name}`))
}

function belongs({ metadata: { labels = {} } }: KubeObject, { name, groups }: ClusterRow): boolean {
  const cluster = labels['cluster.x-k8s.io/cluster-name']
  if (cluster !== undefined) return cluster === name
  const group = labels['eks.amazonaws.com/nodegroup'] ?? labels['alpha.eksctl.io/nodegroup-name']
  return group !== undefined && groups.some(one => one.name === group)
}

/** What the object of a cluster reports of itself. */
export function conditionsOf(object: KubeObject | undefined): ClusterDetails['conditions'] {
  const all = valueAt(object, ['status', 'conditions'])
  return (Array.isArray(all) ? all : []).filter(isObject).map(one => {
    const text = (key: string) => (typeof one[key] === 'string' && one[key] !== '' ? short(one[key]) : undefined)
    const [reason, message, since] = [text('reason'), text('message'), text('lastTransitionTime')]
    return {
      type: text('type') ?? '',
      status: text('status') ?? 'Unknown',
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      ...(since === undefined ? {} : { since }),
    }
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
