import type { FieldError } from '../../kube/field-error.ts'
import { invalid, notSupported, required } from '../../kube/field-errors.ts'
import { labelName, labelValue, qualifiedName } from '../../kube/structural/index.ts'
import type { Rule } from '../kind.ts'
import type { Cluster, WorkerGroup } from './cluster.ts'
import { minorOf } from './kubernetes-version.ts'

const list = 'spec.workerNodeGroupConfigurations'
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** The groups of a cluster with their fields. */
function groupsOf({ spec }: Cluster): { field: string; group: WorkerGroup; index: number }[] {
  const groups = spec.workerNodeGroupConfigurations ?? []
  return groups.map((group, index) => ({ field: `${list}[${index}]`, group, index }))
}

/** The rules of groups of worker machines. */
export const workerRules: readonly Rule<Cluster>[] = [
  {
    name: 'workers-present',
    says: 'There is at least one worker group, except on bare metal (Tinkerbell).',
    *check({ spec }) {
      const kind = spec.datacenterRef?.kind
      if (kind === 'TinkerbellDatacenterConfig' || (spec.workerNodeGroupConfigurations ?? []).length > 0) return
      yield required(list, `WorkerNodeGroupConfigs cannot be empty for ${kind ?? 'this provider'}`)
    },
  },
  {
    name: 'worker-names',
    says: 'Every worker group but the first needs a name; names are unique, and DNS labels together with that of the cluster.',
    *check(cluster) {
      const seen = new Set<string>()
      for (const { field, group, index } of groupsOf(cluster)) {
        const name = group.name || (index === 0 ? 'md-0' : '')
        if (name === '') yield required(`${field}.name`, 'must specify name for worker nodes')
        else if (seen.has(name)) yield invalid(`${field}.name`, name, 'worker node group names must be unique')
        // The MachineDeployment is called `<cluster>-<group>`.
        else if (labelName(`${cluster.metadata.name ?? 'x'}-${name}`).length + labelName(name).length > 0) {
          const detail =
            "must consist of lower case letters, digits and '-', and have at most 63 characters together with the name of the cluster"
          yield invalid(`${field}.name`, name, detail)
        }
        seen.add(name)
      }
    },
  },
  {
    name: 'worker-count',
    says: 'The number of machines of a worker group is zero or more.',
    *check(cluster) {
      for (const { field, group } of groupsOf(cluster)) {
        if (group.count === undefined || group.count >= 0) continue
        const detail = group.autoscalingConfiguration
          ? 'worker node count must be zero or greater'
          : 'worker node count must be zero or greater if autoscaling is not enabled'
        yield invalid(`${field}.count`, group.count, detail)
      }
    },
  },
  {
    name: 'autoscaling',
    says: 'With autoscaling, 0 ≤ minCount ≤ count ≤ maxCount.',
    *check(cluster) {
      for (const { field, group } of groupsOf(cluster)) yield* checkAutoscaling(field, group)
    },
  },
  {
    name: 'worker-version',
    says: 'The version of a worker group is that of the control plane or up to two minor versions older.',
    *check(cluster) {
      const control = minorOf(cluster.spec.kubernetesVersion)
      for (const { field, group } of groupsOf(cluster)) {
        const version = group.kubernetesVersion
        if (version === undefined) continue
        const minor = minorOf(version)
        if (minor === undefined) {
          yield invalid(`${field}.kubernetesVersion`, version, 'expected a minor version such as "1.32"')
        } else if (control !== undefined && minor > control) {
          const detail = `worker node group kubernetesVersion cannot be newer than that of the control plane, ${cluster.spec.kubernetesVersion}`
          yield invalid(`${field}.kubernetesVersion`, version, detail)
        } else if (control !== undefined && control - minor > 2) {
          const detail = `worker node group kubernetesVersion must be within two minor versions of the control plane, ${cluster.spec.kubernetesVersion}`
          yield invalid(`${field}.kubernetesVersion`, version, detail)
        }
      }
    },
  },
  {
    name: 'labels-and-taints',
    says: 'Labels and taints of nodes are what Kubernetes accepts.',
    *check(cluster) {
      const control = cluster.spec.controlPlaneConfiguration
      yield* checkLabels('spec.controlPlaneConfiguration.labels', control?.labels)
      yield* checkTaints('spec.controlPlaneConfiguration.taints', control?.taints)
      for (const { field, group } of groupsOf(cluster)) {
        yield* checkLabels(`${field}.labels`, group.labels)
        yield* checkTaints(`${field}.taints`, group.taints)
      }
    },
  },
  {
    name: 'schedulable',
    says: 'A management cluster has at least one worker group without a NoExecute or NoSchedule taint.',
    *check(cluster) {
      const manager = cluster.spec.managementCluster?.name
      if (manager && manager !== cluster.metadata.name) return
      const groups = cluster.spec.workerNodeGroupConfigurations ?? []
      const closed = (group: WorkerGroup) =>
        (group.taints ?? []).some(taint => taint.effect === 'NoExecute' || taint.effect === 'NoSchedule')
      if (groups.length === 0 || !groups.every(closed)) return
      yield invalid(
        `${list}[0].taints`,
        groups[0]?.taints,
        'at least one WorkerNodeGroupConfiguration must not have NoExecute and/or NoSchedule taints',
      )
    },
  },
  {
    name: 'rollout-strategy',
    says: 'A rollout strategy is RollingUpdate or InPlace, and may add or remove at least one machine at a time.',
    *check(cluster) {
      for (const { field, group } of groupsOf(cluster)) {
        const strategy = group.upgradeRolloutStrategy
        if (strategy === undefined) continue
        const at = `${field}.upgradeRolloutStrategy`
        if (strategy.type && strategy.type !== 'RollingUpdate' && strategy.type !== 'InPlace') {
          yield notSupported(`${at}.type`, strategy.type, ['RollingUpdate', 'InPlace'])
        }
        const { maxSurge, maxUnavailable } = strategy.rollingUpdate ?? {}
        if ((maxSurge ?? 0) < 0) yield invalid(`${at}.rollingUpdate.maxSurge`, maxSurge, 'must be zero or greater')
        if ((maxUnavailable ?? 0) < 0) {
          yield invalid(`${at}.rollingUpdate.maxUnavailable`, maxUnavailable, 'must be zero or greater')
        }
        if (maxSurge === 0 && maxUnavailable === 0) {
          yield invalid(`${at}.rollingUpdate`, strategy.rollingUpdate, 'maxSurge and maxUnavailable cannot both be 0')
        }
      }
    },
  },
]

function* checkAutoscaling(field: string, group: WorkerGroup): Iterable<FieldError> {
  const scaling = group.autoscalingConfiguration
  if (scaling === undefined) return
  const min = scaling.minCount ?? 0
  const max = scaling.maxCount ?? 0
  const count = group.count ?? min
  const at = `${field}.autoscalingConfiguration`
  const wrong = (name: string, value: number, rule: string) =>
    invalid(`${at}.${name}`, value, `validating autoscaling configuration: ${rule}`)
  if (min < 0) yield wrong('minCount', min, 'min count must be non negative')
  else if (min > max) yield wrong('minCount', min, `min count must be no greater than max count, ${max}`)
  else if (min > count) yield wrong('minCount', min, `min count must be less than or equal to count, ${count}`)
  else if (max < count) yield wrong('maxCount', max, `max count must be greater than or equal to count, ${count}`)
}

function* checkLabels(field: string, labels: Record<string, string> | undefined): Iterable<FieldError> {
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const rule of qualifiedName(key)) yield invalid(field, key, rule)
    for (const rule of labelValue(value)) yield invalid(`${field}[${key}]`, value, rule)
  }
}

function* checkTaints(field: string, taints: WorkerGroup['taints']): Iterable<FieldError> {
  const seen = new Set<string>()
  for (const [i, taint] of (taints ?? []).entries()) {
    const { key = '', value = '', effect = '' } = taint
    for (const rule of qualifiedName(key)) yield invalid(`${field}[${i}].key`, key, rule)
    for (const rule of labelValue(value)) yield invalid(`${field}[${i}].value`, value, rule)
    if (!effects.includes(effect)) yield notSupported(`${field}[${i}].effect`, effect, effects)
    // Nodes are refused by the API server when key and effect stand twice.
    if (seen.has(`${key}:${effect}`)) yield invalid(`${field}[${i}]`, `${key}:${effect}`, 'stands more than once')
    seen.add(`${key}:${effect}`)
  }
}
