import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import { isKubeObject } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { editYaml, parseYamlStream } from '../kube/yaml/index.ts'
import { controlPlaneGroup } from './types.ts'
import { nodeGroups } from './view.ts'

/** A cluster file with one count changed. */
export interface CountChange {
  /** The whole new text: every byte but the number is as it was. */
  readonly text: string
  /** The Cluster before and after. */
  readonly before: KubeObject
  readonly after: KubeObject
  readonly from: number
}

/**
 * Changes the count of one group in the text of a cluster file. Comments, order and quoting stay.
 *
 * @param group `control-plane` or the name of a worker node group
 * @throws E_FLEET_CLUSTER_UNKNOWN, E_FLEET_GROUP_UNKNOWN, E_FLEET_SCALE_REFUSED for a group that the autoscaler sizes
 */
export function setCount(text: string, cluster: string, group: string, count: number): CountChange {
  const { index, object } = clusterIn(text, cluster)
  const groups = nodeGroups(object)
  const found = groups.find(one => one.name === group)
  if (!found) {
    throw new SluiceError('E_FLEET_GROUP_UNKNOWN', {
      object: `Cluster/${cluster}`,
      expected: groups.map(one => one.name).join(', '),
      seen: group,
    })
  }
  if (found.autoscaling) {
    throw new SluiceError('E_FLEET_SCALE_REFUSED', {
      object: `${cluster}/${group}`,
      seen: `a group that the autoscaler sizes between ${found.autoscaling.min} and ${found.autoscaling.max}`,
      next: 'Change autoscalingConfiguration.minCount and maxCount in Git instead.',
    })
  }
  const workers = object['spec'] as { workerNodeGroupConfigurations?: unknown[] }
  const position = (workers.workerNodeGroupConfigurations ?? []).findIndex(
    (one, i) => isObject(one) && (one['name'] ?? `md-${i}`) === group,
  )
  const path =
    group === controlPlaneGroup
      ? ['spec', 'controlPlaneConfiguration', 'count']
      : ['spec', 'workerNodeGroupConfigurations', position, 'count']
  const changed = editYaml(text, [{ document: index, path, value: count }])
  return { text: changed, before: object, after: clusterIn(changed, cluster).object, from: found.count ?? 0 }
}

/** The Cluster of a name in a cluster file, and which document it is. */
export function clusterIn(text: string, cluster: string): { index: number; object: KubeObject } {
  for (const { value, index } of parseYamlStream(text)) {
    if (isKubeObject(value) && value.kind === 'Cluster' && value.metadata.name === cluster)
      return { index, object: value }
  }
  throw new SluiceError('E_FLEET_CLUSTER_UNKNOWN', {
    object: `Cluster/${cluster}`,
    seen: 'no such document in its file',
  })
}
