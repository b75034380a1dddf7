import { conditionOf } from '../../../kube/condition.ts'
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../shared/types.ts'

/** The name of the node that stands in while a cluster has no Node objects: pods run there all the same. */
export const virtualNodeName = 'sandbox'

/** The node that pods go to while there are no Node objects. It exists nowhere but here. */
export const virtualNode: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: virtualNodeName,
    labels: { 'kubernetes.io/hostname': virtualNodeName, 'kubernetes.io/os': 'linux' },
  },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
}

/** The nodes that count: those that there are, else the virtual one. */
export function nodesOrVirtual(nodes: readonly Node[]): readonly Node[] {
  return nodes.length > 0 ? nodes : [virtualNode]
}

/** Whether the kubelet of a node says that it is Ready. */
export function isNodeReady(node: Node): boolean {
  return conditionOf(node, 'Ready')?.status === 'True'
}

/**
 * Why a pod may not go to a node, in the scheduler's words; undefined when it may. Looked at: cordons, taints (a node that
 * is not Ready counts as tainted so, as the node lifecycle controller would), `nodeSelector` and required node affinity.
 */
export function misfit(spec: PodSpec, node: Node): string | undefined {
  const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
  if (node.spec?.unschedulable === true && !tolerates(spec.tolerations, unschedulable)) {
    return 'node(s) were unschedulable'
  }
  const taint = taintsOf(node).find(
    one => (one.effect === 'NoSchedule' || one.effect === 'NoExecute') && !tolerates(spec.tolerations, one),
  )
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  return matchesNode(spec, node) ? undefined : "node(s) didn't match Pod's node affinity/selector"
}

function taintsOf(node: Node): readonly Taint[] {
  const own = node.spec?.taints ?? []
  const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
  return isNodeReady(node) || own.some(taint => taint.key === notReady.key) ? own : [...own, notReady]
}

/** Whether one of the tolerations is for a taint (core/v1 `ToleratesTaint`). */
export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some(
    ({ key = '', operator = 'Equal', value = '', effect = '' }) =>
      (effect === '' || effect === taint.effect) &&
      (key === '' ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || value === (taint.value ?? '')),
  )
}

/** Whether a node has the labels that a pod asks for. */
export function matchesNode({ nodeSelector, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  for (const [key, value] of Object.entries(nodeSelector ?? {})) if (labels[key] !== value) return false
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms === undefined || terms.some(term => matchesTerm(term, node))
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  // A term without requirements matches nothing.
  if (matchExpressions.length + matchFields.length === 0) return false
  return (
    matchExpressions.every(one => matchesRequirement(labels[one.key], one.operator, one.values ?? [])) &&
    matchFields.every(one =>
      matchesRequirement(one.key === 'metadata.name' ? node.metadata.name : undefined, one.operator, one.values ?? []),
    )
  )
}

function matchesRequirement(value: string | undefined, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}

/** Whether a pod that runs on a node may stay: only a change of labels or a NoExecute taint drives it away. */
export function mayStay(spec: PodSpec, node: Node): boolean {
  const drivenOut = node.spec?.taints?.some(
    taint => taint.effect === 'NoExecute' && !tolerates(spec.tolerations, taint),
  )
  return drivenOut !== true && matchesNode(spec, node)
}
