import { jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../../kube/field-error.ts'
import { forbidden, invalid } from '../../kube/field-errors.ts'
import type { UpdateRule } from '../kind.ts'
import type { Cluster } from './cluster.ts'
import { minorOf, releaseOf } from './kubernetes-version.ts'
import { eksaAnnotations } from './shared.ts'

type Spec = Cluster['spec']

/** Whether a cluster is its own manager: it has no managementCluster, or names itself. */
export function isSelfManaged({ metadata, spec }: { metadata: Cluster['metadata']; spec: Cluster['spec'] }): boolean {
  const manager = spec.managementCluster?.name
  return !manager || manager === metadata.name
}

/** Whether the controller is told to leave a cluster alone. */
export function isPaused({ metadata }: { metadata: Cluster['metadata'] }): boolean {
  return metadata.annotations?.[eksaAnnotations.paused] === 'true'
}

// Fields that never change, with how to read what counts as their value.
const fixed: readonly { field: string; of(spec: Spec): unknown }[] = [
  { field: 'spec.datacenterRef', of: spec => spec.datacenterRef },
  { field: 'spec.controlPlaneConfiguration.endpoint', of: spec => spec.controlPlaneConfiguration?.endpoint?.host },
  { field: 'spec.clusterNetwork.pods', of: spec => spec.clusterNetwork?.pods },
  { field: 'spec.clusterNetwork.services', of: spec => spec.clusterNetwork?.services },
  { field: 'spec.clusterNetwork.dns', of: spec => spec.clusterNetwork?.dns?.resolvConf },
  { field: 'spec.clusterNetwork.nodes', of: spec => spec.clusterNetwork?.nodes },
  { field: 'spec.proxyConfiguration', of: spec => spec.proxyConfiguration },
]

/** What may not change in a Cluster: the rules of EKS Anywhere's webhook. */
export const clusterUpdateRules: readonly UpdateRule<Cluster>[] = [
  {
    name: 'immutable-fields',
    says: 'The datacenter, endpoint, networks and proxy do not change, unless the cluster is paused.',
    *check(cluster, old) {
      if (isPaused(old)) return
      for (const { field, of } of fixed) {
        if (!jsonEqual(of(cluster.spec), of(old.spec))) yield immutable(field, of(cluster.spec))
      }
    },
  },
  {
    name: 'immutable-management-cluster',
    says: 'The management cluster does not change; naming itself is the same as naming none.',
    *check(cluster, old) {
      if (isPaused(old)) return
      const same =
        isSelfManaged(cluster) === isSelfManaged(old) &&
        (isSelfManaged(old) || cluster.spec.managementCluster?.name === old.spec.managementCluster?.name)
      if (!same) yield immutable('spec.managementCluster', cluster.spec.managementCluster?.name)
    },
  },
  {
    name: 'immutable-etcd-topology',
    says: 'etcd does not move between the control plane and machines of its own, and its count does not change.',
    *check(cluster, old) {
      if (isPaused(old)) return
      const now = cluster.spec.externalEtcdConfiguration
      const before = old.spec.externalEtcdConfiguration
      if ((now === undefined) !== (before === undefined)) {
        yield forbidden('spec.externalEtcdConfiguration', 'cannot switch between local and external etcd topology')
      } else if (now?.count !== before?.count) yield immutable('spec.externalEtcdConfiguration.count', now?.count)
    },
  },
  {
    name: 'immutable-gitops-ref',
    says: 'gitOpsRef of a workload cluster does not change once it is set.',
    *check(cluster, old) {
      if (isPaused(old) || isSelfManaged(old)) return
      if (!jsonEqual(cluster.spec.gitOpsRef, old.spec.gitOpsRef)) {
        yield immutable('spec.gitOpsRef', cluster.spec.gitOpsRef)
      }
    },
  },
  {
    name: 'immutable-aws-iam',
    says: 'The AWSIamConfig among the identity providers does not change once it is set.',
    *check(cluster, old) {
      if (isPaused(old)) return
      const iam = (spec: Spec) => (spec.identityProviderRefs ?? []).filter(ref => ref.kind === 'AWSIamConfig')
      if (iam(old.spec).length > 0 && !jsonEqual(iam(cluster.spec), iam(old.spec))) {
        yield immutable('spec.identityProviderRefs', cluster.spec.identityProviderRefs)
      }
    },
  },
  {
    name: 'kubernetes-skew',
    says: 'The Kubernetes version goes up by at most one minor version at a time, and never down.',
    *check(cluster, old) {
      yield* checkSkew('spec.kubernetesVersion', cluster.spec.kubernetesVersion, old.spec.kubernetesVersion)
      const before = new Map((old.spec.workerNodeGroupConfigurations ?? []).map(group => [group.name, group]))
      for (const [i, group] of (cluster.spec.workerNodeGroupConfigurations ?? []).entries()) {
        const previous = before.get(group.name)
        if (previous === undefined) continue
        const field = `spec.workerNodeGroupConfigurations[${i}].kubernetesVersion`
        if (group.kubernetesVersion !== undefined) {
          yield* checkSkew(field, group.kubernetesVersion, previous.kubernetesVersion ?? old.spec.kubernetesVersion)
        } else if (previous.kubernetesVersion !== undefined) {
          // Taking the field away moves the group to the version of the control plane.
          yield* checkSkew(field, cluster.spec.kubernetesVersion, previous.kubernetesVersion)
        }
      }
    },
  },
  {
    name: 'eksa-version',
    says: 'eksaVersion is not removed, not lowered, and raised by at most one minor version at a time.',
    *check(cluster, old) {
      if (eksaAnnotations.skipVersionSkewCheck in (cluster.metadata.annotations ?? {})) return
      yield* checkRelease(cluster.spec.eksaVersion, old.spec.eksaVersion)
    },
  },
  {
    name: 'bundles-ref',
    says: 'bundlesRef is not dropped unless eksaVersion takes its place.',
    *check(cluster, old) {
      if (old.spec.bundlesRef !== undefined && cluster.spec.bundlesRef === undefined && !cluster.spec.eksaVersion) {
        yield invalid('spec.bundlesRef', cluster.spec.bundlesRef, 'field cannot be removed after setting')
      }
    },
  },
  {
    name: 'bare-metal',
    says: 'On bare metal, labels and taints do not change, and counts do not change together with a version.',
    *check(cluster, old) {
      if (cluster.spec.datacenterRef?.kind !== 'TinkerbellDatacenterConfig' || isPaused(old)) return
      yield* checkBareMetal(cluster, old)
    },
  },
]

function immutable(field: string, value: unknown): FieldError {
  const shown = value === undefined ? 'none' : JSON.stringify(value)
  return forbidden(field, `field is immutable ${shown}`)
}

function* checkSkew(field: string, now: string | undefined, before: string | undefined): Iterable<FieldError> {
  const to = minorOf(now)
  const from = minorOf(before)
  if (to === undefined || from === undefined) return
  if (to < from) yield invalid(field, now, `kubernetes version downgrade is not supported (${before} -> ${now})`)
  if (to > from + 1) {
    const detail = `only +1 minor version skew is supported, minor version skew detected ${to - from} (${before} -> ${now})`
    yield invalid(field, now, detail)
  }
}

function* checkRelease(now: string | undefined, before: string | undefined): Iterable<FieldError> {
  if (before === undefined) return
  if (now === undefined) {
    yield invalid('spec.eksaVersion', now, 'field cannot be removed after setting')
    return
  }
  const to = releaseOf(now)
  const from = releaseOf(before)
  if (to === undefined || from === undefined || now === before) return
  const order = to.major - from.major || to.minor - from.minor || to.patch - from.patch
  if (order < 0) yield invalid('spec.eksaVersion', now, `cannot downgrade from ${before} to ${now}`)
  else if (to.major !== from.major || to.minor > from.minor + 1) {
    yield invalid(
      'spec.eksaVersion',
      now,
      `cannot upgrade to ${now} from ${before}: eksaVersion upgrades must have a skew of 1 minor version`,
    )
  }
}

function* checkBareMetal(cluster: Cluster, old: Cluster): Iterable<FieldError> {
  const at = 'spec.controlPlaneConfiguration'
  const now = cluster.spec.controlPlaneConfiguration
  const before = old.spec.controlPlaneConfiguration
  for (const name of ['labels', 'taints'] as const) {
    if (!jsonEqual(now?.[name], before?.[name])) yield immutable(`${at}.${name}`, now?.[name])
  }
  const groups = new Map((old.spec.workerNodeGroupConfigurations ?? []).map(group => [group.name, group]))
  let scaled = now?.count !== before?.count
  let upgraded = cluster.spec.kubernetesVersion !== old.spec.kubernetesVersion
  for (const [i, group] of (cluster.spec.workerNodeGroupConfigurations ?? []).entries()) {
    const previous = groups.get(group.name)
    if (previous === undefined) continue
    for (const name of ['labels', 'taints'] as const) {
      if (jsonEqual(group[name], previous[name])) continue
      yield immutable(`spec.workerNodeGroupConfigurations[${i}].${name}`, group[name])
    }
    scaled ||= group.count !== previous.count
    upgraded ||= group.kubernetesVersion !== previous.kubernetesVersion
  }
  if (scaled && upgraded) {
    yield invalid(
      'spec',
      cluster.spec.kubernetesVersion,
      'cannot perform scale up or down during rolling upgrades. Change counts and kubernetesVersion in separate edits',
    )
  }
}
