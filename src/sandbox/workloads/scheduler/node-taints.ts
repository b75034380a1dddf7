import { jsonEqual } from '../../../base/json.ts'
import { splitKey } from '../shared/owners.ts'
import type { Node, Taint } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { isNodeReady } from './node-fit.ts'

const notReady = 'node.kubernetes.io/not-ready'
const unschedulable = 'node.kubernetes.io/unschedulable'

/**
 * Keeps the taints that speak of a node's state in line with it, as the node lifecycle controller does: the API server
 * taints each new node as not ready (admission plugin TaintNodesByCondition), and nothing else takes that away.
 */
export function startNodeTaints(world: World): void {
  const loop = world.loop('node-taints', async key => {
    const node = world.get('Node', ...splitKey(key))
    if (!node || isDeleting(node)) return
    const taints = taintsFor(node)
    if (jsonEqual(taints, node.spec?.taints ?? [])) return
    await world.write.patch(node, { spec: { taints: taints.length > 0 ? taints : null } })
  })
  world.each('Node', node => loop.ask(`/${node.metadata.name}`))
}

function taintsFor(node: Node): Taint[] {
  const wanted = [
    ...(isNodeReady(node) ? [] : [notReady]),
    ...(node.spec?.unschedulable === true ? [unschedulable] : []),
  ]
  const own = node.spec?.taints ?? []
  const ours = ({ key, effect }: Taint) => (key === notReady || key === unschedulable) && effect === 'NoSchedule'
  const kept = own.filter(taint => !ours(taint) || wanted.includes(taint.key))
  const missing = wanted.filter(key => !kept.some(taint => taint.key === key && taint.effect === 'NoSchedule'))
  return [...kept, ...missing.map(key => ({ key, effect: 'NoSchedule' }))]
}
