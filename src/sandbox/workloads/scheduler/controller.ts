import { isConflict, isNotFound } from '../../../kube/client/index.ts'
import { withCondition } from '../shared/conditions.ts'
import { keyOf, splitKey } from '../shared/owners.ts'
import { isFinished } from '../shared/pods.ts'
import type { Node, Pod } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { misfit, nodesOrVirtual } from './node-fit.ts'

const component = 'default-scheduler'

/** Gives each pod a node: of those that fit the one with the fewest pods. Resources are not counted. */
export function startScheduler(world: World): void {
  const waiting = new Set<string>()
  const load = new NodeLoad()
  const loop = world.loop('scheduler', async key => {
    const pod = world.get('Pod', ...splitKey(key))
    waiting.delete(key)
    if (pod && needsNode(pod) && !load.has(key) && !(await schedule(world, load, pod))) waiting.add(key)
  })
  world.each('Pod', (pod, _previous, deleted) => {
    const key = keyOf(pod)
    if (deleted || isFinished(pod)) load.remove(key)
    else if (pod.spec.nodeName) load.put(key, pod.spec.nodeName)
    else loop.ask(key)
  })
  world.each('Node', () => {
    for (const key of waiting) loop.ask(key)
  })
}

function needsNode(pod: Pod): boolean {
  const { nodeName, schedulerName = 'default-scheduler', schedulingGates } = pod.spec
  return (
    !nodeName &&
    schedulerName === 'default-scheduler' &&
    !schedulingGates?.length &&
    !isFinished(pod) &&
    !isDeleting(pod)
  )
}

/** False when no node fits: then a change of the nodes brings the next try. */
async function schedule(world: World, load: NodeLoad, pod: Pod): Promise<boolean> {
  const nodes = nodesOrVirtual(world.list('Node'))
  const reasons = new Map<string, number>()
  const fitting: Node[] = []
  for (const node of nodes) {
    const reason = misfit(pod.spec, node)
    if (reason === undefined) fitting.push(node)
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const name = load.lightest(fitting.map(node => node.metadata.name ?? ''))
  if (name === undefined) {
    await sayUnschedulable(world, pod, messageOf(nodes.length, reasons))
    return false
  }
  const key = keyOf(pod)
  // Counted at once: others are placed while this binding is on its way.
  load.put(key, name)
  try {
    await world.write.bind(pod, name)
  } catch (error) {
    load.remove(key)
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
  return true
}

async function sayUnschedulable(world: World, pod: Pod, message: string): Promise<void> {
  const before = pod.status?.conditions ?? []
  const scheduled = before.find(condition => condition.type === 'PodScheduled')
  if (scheduled?.message === message) return
  const others = before.filter(condition => condition.type !== 'PodScheduled')
  const facts = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const
  const [made] = withCondition([], facts, world.now())
  if (made && scheduled?.status === 'False' && scheduled.lastTransitionTime !== undefined)
    made.lastTransitionTime = scheduled.lastTransitionTime
  const conditions = made ? [...others, made] : others
  await world.write.status(pod, { ...pod.status, conditions }, { fieldManager: 'kube-scheduler' })
  world.events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message, component })
}

/** `0/3 nodes are available: 2 node(s) were unschedulable, …` (scheduler framework `FitError`). */
function messageOf(total: number, reasons: ReadonlyMap<string, number>): string {
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort()
  const no = `preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`
  return `0/${total} nodes are available: ${parts.join(', ')}. ${no}`
}

/** How many pods each node has, with those whose binding is on its way. */
class NodeLoad {
  readonly #nodeOf = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  has(key: string): boolean {
    return this.#nodeOf.has(key)
  }

  put(key: string, node: string): void {
    if (this.#nodeOf.get(key) === node) return
    this.remove(key)
    this.#nodeOf.set(key, node)
    this.#counts.set(node, (this.#counts.get(node) ?? 0) + 1)
  }

  remove(key: string): void {
    const node = this.#nodeOf.get(key)
    if (node === undefined) return
    this.#nodeOf.delete(key)
    this.#counts.set(node, (this.#counts.get(node) ?? 1) - 1)
  }

  lightest(names: readonly string[]): string | undefined {
    const count = (name: string) => this.#counts.get(name) ?? 0
    return [...names].sort((a, b) => count(a) - count(b) || a.localeCompare(b))[0]
  }
}
