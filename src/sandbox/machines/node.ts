import { randomInt } from 'node:crypto'
import { conditionOf } from '../../kube/condition.ts'
import type { Condition, KubeObject } from '../../kube/object.ts'
import type { MachineGroup } from './groups.ts'

/** Labels of Cluster API by which a node's cluster and group are known. */
export const clusterLabel = 'cluster.x-k8s.io/cluster-name'
export const groupLabel = 'cluster.x-k8s.io/deployment-name'
const controlPlaneLabel = 'node-role.kubernetes.io/control-plane'

const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** A new Node of a group, not yet Ready. */
export function newNode(cluster: string, group: MachineGroup, now: Date): KubeObject {
  const suffix = Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')
  const name = `${cluster}-${group.controlPlane ? 'cp' : group.name}-${suffix}`
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        ...group.labels,
        [clusterLabel]: cluster,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...(group.controlPlane ? { [controlPlaneLabel]: '' } : { [groupLabel]: `${cluster}-${group.name}` }),
      },
    },
    spec: { providerID: `sluice://${cluster}/${name}`, ...(group.taints.length > 0 ? { taints: group.taints } : {}) },
    status: nodeStatus(group.kubernetesVersion, name, false, now),
  }
}

/** What a kubelet reports. */
export function nodeStatus(
  kubernetesVersion: string,
  hostname: string,
  ready: boolean,
  now: Date,
): Record<string, unknown> {
  const at = `${now.toISOString().slice(0, 19)}Z`
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  })
  const capacity = { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' }
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
      kubeletVersion: `v${kubernetesVersion}.0`,
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

export function isReady(node: KubeObject): boolean {
  return (conditionOf(node, 'Ready') as Condition | undefined)?.status === 'True'
}
