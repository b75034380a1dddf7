import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import { isKubeObject } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { editYaml, parseYamlStream } from '../kube/yaml/index.ts'
import { formatSize, type Size } from '../specs/index.ts'
import { controlPlaneGroup } from './types.ts'
import { nodeGroups, type SpecGroup } from './view.ts'

/** A cluster file with the size of one group changed. */
export interface CountChange {
  /** The whole new text: every byte but the numbers is as it was. */
  readonly text: string
  /** The Cluster before and after. */
  readonly before: KubeObject
  readonly after: KubeObject
  readonly from: Size
}

/**
 * Changes the size of one group in the text of a cluster file: its count, or the bounds of one that the autoscaler sizes.
 * Comments, order and quoting stay.
 *
 * @param group `control-plane` or the name of a worker node group
 * @throws E_FLEET_CLUSTER_UNKNOWN, E_FLEET_GROUP_UNKNOWN, E_FLEET_SCALE_REFUSED for a count of a group that the autoscaler
 * sizes, or bounds of one that it does not
 */
export function setCount(
  text: string,
  cluster: string,
  group: string,
  count: number,
): CountChange & { readonly from: number }
export function setCount(text: string, cluster: string, group: string, size: Size): CountChange
export function setCount(text: string, cluster: string, group: string, size: Size): CountChange {
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
  const spec = object['spec'] as { workerNodeGroupConfigurations?: unknown[] }
  const position = (spec.workerNodeGroupConfigurations ?? []).findIndex(
    (one, i) => isObject(one) && (one['name'] ?? `md-${i}`) === group,
  )
  const path =
    group === controlPlaneGroup
      ? ['spec', 'controlPlaneConfiguration']
      : ['spec', 'workerNodeGroupConfigurations', position]
  const edit = (field: readonly string[], value: number) => ({ document: index, path: [...path, ...field], value })
  const changed = editYaml(
    text,
    typeof size === 'number'
      ? [edit(['count'], countFor(cluster, found, size))]
      : boundsFor(cluster, found, size).map(([field, value]) => edit(field, value)),
  )
  return { text: changed, before: object, after: clusterIn(changed, cluster).object, from: sizeOf(found) }
}

/** The size of a group as its cluster's spec has it. */
export function sizeOf({ autoscaling, count }: Pick<SpecGroup, 'autoscaling' | 'count'>): Size {
  return autoscaling ?? count ?? 0
}

function countFor(cluster: string, { name, autoscaling }: SpecGroup, count: number): number {
  if (!autoscaling) return count
  throw new SluiceError('E_FLEET_SCALE_REFUSED', {
    object: `${cluster}/${name}`,
    seen: `a group that the autoscaler sizes between ${autoscaling.min} and ${autoscaling.max}`,
    next: boundsHint(cluster, name, autoscaling, count),
  })
}

function boundsFor(cluster: string, { name, autoscaling, count }: SpecGroup, size: Exclude<Size, number>) {
  if (!autoscaling) {
    throw new SluiceError('E_FLEET_SCALE_REFUSED', {
      object: `${cluster}/${name}`,
      expected: 'a count: the autoscaler does not size this group',
      seen: formatSize(size),
      next: `Give a count, as in \`sluice scale ${cluster} ${name}=${size.min}\`.`,
    })
  }
  const fields: [string[], number][] = [
    [['autoscalingConfiguration', 'minCount'], size.min],
    [['autoscalingConfiguration', 'maxCount'], size.max],
  ]
  // EKS Anywhere wants the count, with which the group begins, inside of its bounds.
  const wanted = size.count ?? count
  const fitting = wanted === undefined ? undefined : Math.min(Math.max(wanted, size.min), size.max)
  if (fitting !== undefined && fitting !== count) fields.push([['count'], fitting])
  return fields
}

/** What to run instead of giving a count to a group of the autoscaler's. */
export function boundsHint(cluster: string, group: string, now: Exclude<Size, number>, count: number): string {
  const bounds = { min: Math.min(now.min, count), max: Math.max(now.max, count) }
  const meant = bounds.min === now.min && bounds.max === now.max ? { min: count, max: now.max } : bounds
  return `Change its bounds instead, as in \`sluice scale ${cluster} ${group}=${formatSize(meant)}\`.`
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
