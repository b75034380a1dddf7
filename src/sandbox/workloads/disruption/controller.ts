import { selects } from '../../cluster/builtin/selector.ts'
import { withCondition } from '../shared/conditions.ts'
import { scaled } from '../shared/numbers.ts'
import { controllerOf, keyOf, splitKey } from '../shared/owners.ts'
import { isFinished, isReady } from '../shared/pods.ts'
import type { DisruptionBudget, Pod } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'

/** Says for each disruption budget how many of its pods may be missing now. */
export function startDisruptionBudgets(world: World): void {
  const loop = world.loop('disruption-budget', async key => {
    const budget = world.get('PodDisruptionBudget', ...splitKey(key))
    if (budget && !isDeleting(budget)) await reconcile(world, budget)
  })
  world.each('PodDisruptionBudget', budget => loop.ask(keyOf(budget)))
  const askAll = (namespace: string | undefined) => {
    for (const budget of world.list('PodDisruptionBudget', namespace)) loop.ask(keyOf(budget))
  }
  world.each('Pod', (pod, previous) => {
    for (const budget of world.list('PodDisruptionBudget', pod.metadata.namespace)) {
      if (covers(budget, pod) || (previous && covers(budget, previous))) loop.ask(keyOf(budget))
    }
  })
  for (const kind of ['ReplicaSet', 'StatefulSet', 'Deployment'] as const) {
    world.each(kind, (object, previous) => {
      if (previous?.spec.replicas !== object.spec.replicas) askAll(object.metadata.namespace)
    })
  }
}

function covers({ spec }: DisruptionBudget, pod: Pod): boolean {
  // In policy/v1 an empty selector covers all pods of the namespace, none at all covers nothing.
  return spec.selector !== undefined && selects(spec.selector, pod.metadata.labels)
}

async function reconcile(world: World, budget: DisruptionBudget): Promise<void> {
  const { namespace, generation } = budget.metadata
  const pods = world.list('Pod', namespace).filter(pod => covers(budget, pod) && !isFinished(pod))
  const { minAvailable, maxUnavailable } = budget.spec
  const scale = expectedScale(world, pods)
  let expected = pods.length
  let desired = 0
  if (maxUnavailable !== undefined) {
    expected = scale
    desired = Math.max(0, scale - scaled(maxUnavailable, scale, 'up'))
  } else if (typeof minAvailable === 'string') {
    expected = scale
    desired = scaled(minAvailable, scale, 'up')
  } else desired = minAvailable ?? 1
  const healthy = pods.filter(pod => isReady(pod) && !isDeleting(pod)).length
  const allowed = expected === 0 ? 0 : Math.max(0, healthy - desired)
  const facts =
    allowed > 0
      ? ({ status: 'True', reason: 'SufficientPods' } as const)
      : ({ status: 'False', reason: 'InsufficientPods' } as const)
  const before = budget.status?.conditions ?? []
  const condition = {
    type: 'DisruptionAllowed',
    ...facts,
    message: '',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }
  await world.write.status(budget, {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(before, condition, world.now()),
  })
}

/** How many pods the controllers of these pods want: each controller once, and each pod without one as itself. */
function expectedScale(world: World, pods: readonly Pod[]): number {
  const scales = new Map<string, number>()
  for (const pod of pods) {
    const namespace = pod.metadata.namespace ?? ''
    const owner = controllerOf(pod)
    const set = owner?.kind === 'ReplicaSet' ? world.get('ReplicaSet', namespace, owner.name) : undefined
    const above = set && controllerOf(set)
    const top = above?.kind === 'Deployment' ? above : owner
    if (!top) scales.set(pod.metadata.uid ?? '', 1)
    else if (top.kind === 'Deployment' || top.kind === 'ReplicaSet' || top.kind === 'StatefulSet')
      scales.set(top.uid, world.get(top.kind, namespace, top.name)?.spec.replicas ?? 0)
    else scales.set(`${top.uid}/${pod.metadata.uid}`, 1)
  }
  return [...scales.values()].reduce((sum, one) => sum + one, 0)
}
