import { podOfTemplate } from '../shared/pod-of-template.ts'
import { revisionHashLabel } from '../shared/revisions.ts'
import type { DaemonSet, Pod, PodSpec, Toleration } from '../shared/types.ts'

const noExecute = ['not-ready', 'unreachable']
const noSchedule = ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable']

/** A template's pod spec with the tolerations that daemons have by right (Kubernetes documentation, "DaemonSet"). */
export function daemonSpec(set: DaemonSet): PodSpec {
  const { spec } = set.spec.template
  const add = (key: string, effect: string): Toleration => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect,
  })
  const tolerations = [
    ...(spec.tolerations ?? []),
    ...noExecute.map(key => add(key, 'NoExecute')),
    ...noSchedule.map(key => add(key, 'NoSchedule')),
    ...(spec.hostNetwork === true ? [add('network-unavailable', 'NoSchedule')] : []),
  ]
  return { ...spec, tolerations }
}

/** The pod of a set for one node: bound to it by an affinity that only this node meets. */
export function daemonPod(set: DaemonSet, node: string, hash: string): Pod {
  const pod = podOfTemplate('DaemonSet', set, set.spec.template)
  const spec = daemonSpec(set)
  const only = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] }
  const nodeAffinity = { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: only }
  const generation = String(set.metadata.generation ?? 1)
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata.labels, [revisionHashLabel]: hash, 'pod-template-generation': generation },
    },
    spec: { ...spec, affinity: { ...spec.affinity, nodeAffinity } },
  }
}

/** The node that a daemon pod is on or is meant for. */
export function nodeOf(pod: Pod): string | undefined {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return pod.spec.nodeName || terms?.[0]?.matchFields?.find(field => field.key === 'metadata.name')?.values?.[0]
}
