import { randomInt } from 'node:crypto'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { MachineGroup } from './groups.ts'

/** Labels of Cluster API by which a node's cluster and group are known. */
export const clusterLabel = 'cluster.x-k8s.io/cluster-name'
export const groupLabel = 'cluster.x-k8s.io/deployment-name'
const controlPlaneLabel = 'node-role.kubernetes.io/control-plane'
/** Namespace of the node's Cluster, as Cluster API writes it. */
const namespaceAnnotation = 'cluster.x-k8s.io/cluster-namespace'
/** What the machine was made from: see {@link MachineGroup.template}. */
const templateAnnotation = 'sluice.dev/machine-template'

const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** A new Node of a group, not yet Ready. */
export function newNode(cluster: { name: string; namespace: string }, group: MachineGroup, now: Date): KubeObject {
  const suffix = Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')
  // The name is also a label's value, which may have 63 characters.
  const base = `${cluster.name}-${group.controlPlane ? 'cp' : group.name}`.slice(0, 57)
  const name = `${base}-${suffix}`
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        ...group.labels,
        [clusterLabel]: cluster.name,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...(group.controlPlane ? { [controlPlaneLabel]: '' } : { [groupLabel]: `${cluster.name}-${group.name}` }),
      },
      annotations: { [namespaceAnnotation]: cluster.namespace, [templateAnnotation]: group.template },
    },
    spec: {
      providerID: `sluice://${cluster.name}/${name}`,
      ...(group.taints.length > 0 ? { taints: group.taints } : {}),
    },
    status: nodeStatus(group, name, false, now),
  }
}

/** What a kubelet reports. */
export function nodeStatus(group: MachineGroup, hostname: string, ready: boolean, now: Date): Record<string, unknown> {
  const at = `${now.toISOString().slice(0, 19)}Z`
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  })
  const capacity = { ...group.capacity, pods: '110', 'ephemeral-storage': '100Gi' }
  return {
    capacity,
    allocatable: capacity,
    addresses: [{ type: 'Hostname', address: hostname }],
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      ready
        ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
        : condition('Ready', 'False', 'KubeletNotReady', 'the machine is starting'),
    ],
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'containerd://2.0.0',
      kernelVersion: '6.1.0',
      kubeProxyVersion: '',
      kubeletVersion: `v${group.kubernetesVersion}.0`,
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'Sluice sandbox machine',
      systemUUID: '',
    },
  }
}

/** The name of the group that a node belongs to; undefined when it is of no group. */
export function groupOf(
  node: KubeObject,
  cluster: string,
): { readonly controlPlane: boolean; readonly name: string } | undefined {
  const labels = node.metadata.labels ?? {}
  if (labels[clusterLabel] !== cluster) return undefined
  if (controlPlaneLabel in labels) return { controlPlane: true, name: 'control-plane' }
  const deployment = labels[groupLabel]
  return deployment === undefined ? undefined : { controlPlane: false, name: deployment.slice(cluster.length + 1) }
}

/** Whether a node is of a group. */
export function isOf(node: KubeObject, cluster: string, group: MachineGroup): boolean {
  const its = groupOf(node, cluster)
  return its !== undefined && its.controlPlane === group.controlPlane && its.name === group.name
}

/** Whether a node is of the cluster in a namespace; a node without the annotation counts for any. */
export function isInNamespace(node: KubeObject, namespace: string): boolean {
  return (node.metadata.annotations?.[namespaceAnnotation] ?? namespace) === namespace
}

/** The cluster that a node is of; undefined for nodes of no cluster. */
export function clusterKeyOf({ metadata }: KubeObject): { namespace: string; name: string } | undefined {
  const name = metadata.labels?.[clusterLabel]
  if (name === undefined) return undefined
  return { namespace: metadata.annotations?.[namespaceAnnotation] ?? 'default', name }
}

/** Whether a node was made from what its group asks for now. */
export function isUpToDate(node: KubeObject, group: MachineGroup): boolean {
  return node.metadata.annotations?.[templateAnnotation] === group.template
}

export function isReady(node: KubeObject): boolean {
  return conditionOf(node, 'Ready')?.status === 'True'
}
