import { SluiceError } from '../base/errors/index.ts'
import { isObject, valueAt } from '../base/json.ts'
import { isKubeObject } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseYamlStream } from '../kube/yaml/index.ts'
import type { DesiredFile } from './desired-files.ts'
import type { BootstrapContext } from './types.ts'

const clusterKind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const
const kustomizationKind = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' } as const

/** A count that the cluster has, and that its spec would change. */
export interface CountDifference {
  readonly cluster: string
  /** `control-plane`, `etcd`, or the name of a worker group. */
  readonly group: string
  /** Undefined for a group that one of the two lacks. */
  readonly live: number | undefined
  readonly spec: number | undefined
}

/**
 * Where clusters that run already have other counts than Git is about to give them. Asked only while nothing makes the
 * cluster follow that file: from then on the counts in Git are the truth. Groups that the autoscaler sizes have no count
 * of Git's. Reads only.
 */
export async function liveCounts(
  { client, fleet, signal }: Pick<BootstrapContext, 'client' | 'fleet' | 'signal'>,
  files: readonly DesiredFile[],
): Promise<CountDifference[]> {
  const found: CountDifference[] = []
  if (fleet.clusters.length === 0) return found
  const root = { ...kustomizationKind, namespace: fleet.namespace, name: fleet.namespace }
  const isFollowed = (await client.find(root, { signal })) !== undefined
  for (const { name, namespace } of fleet.clusters) {
    const file = files.find(one => one.path.endsWith('/eksa-cluster.yaml') && clusterIn(one, name) !== undefined)
    const spec = file && clusterIn(file, name)
    if (!spec || (isFollowed && file.before !== undefined)) continue
    const live = await client.find({ ...clusterKind, namespace, name }, { signal })
    if (!live) continue
    const [now, then] = [countsOf(live), countsOf(spec)]
    for (const group of new Set([...now.keys(), ...then.keys()])) {
      const [a, b] = [now.get(group), then.get(group)]
      if (a !== b) found.push({ cluster: name, group, live: a, spec: b })
    }
  }
  return found
}

/** The Cluster of a name as Git has it, or will have it. */
function clusterIn({ action, before, after }: DesiredFile, name: string): KubeObject | undefined {
  try {
    return parseYamlStream(action === 'keep' ? (before ?? after) : after)
      .map(document => document.value)
      .find((one): one is KubeObject => isKubeObject(one) && one.kind === 'Cluster' && one.metadata.name === name)
  } catch (error) {
    // What cannot be read is told by the engine, which builds it.
    if (error instanceof SluiceError) return undefined
    throw error
  }
}

/** `prod: web is 5 in the cluster, 3 in the spec`. */
export function countText({ cluster, group, live, spec }: CountDifference): string {
  const shown = (count: number | undefined) => (count === undefined ? 'absent' : String(count))
  return `${cluster}: ${group} is ${shown(live)} in the cluster, ${shown(spec)} in the spec`
}

function countsOf(cluster: KubeObject): Map<string, number> {
  const counts = new Map<string, number>()
  const add = (group: string, value: unknown) => typeof value === 'number' && counts.set(group, value)
  add('control-plane', valueAt(cluster, ['spec', 'controlPlaneConfiguration', 'count']))
  add('etcd', valueAt(cluster, ['spec', 'externalEtcdConfiguration', 'count']))
  const groups = valueAt(cluster, ['spec', 'workerNodeGroupConfigurations'])
  for (const [i, group] of (Array.isArray(groups) ? groups : []).entries()) {
    if (!isObject(group) || isObject(group['autoscalingConfiguration'])) continue
    add(typeof group['name'] === 'string' ? group['name'] : `md-${i}`, group['count'] ?? 1)
  }
  return counts
}
