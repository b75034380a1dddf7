import { claim } from '../shared/claim.ts'
import { controllerOf, keyOf, splitKey } from '../shared/owners.ts'
import { isFinished } from '../shared/pods.ts'
import type { Deployment, ReplicaSet } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { revisionAnnotation } from './annotations.ts'
import { active, actual } from './counts.ts'
import { cleanUp, createNew, findNew, nextRevision, refresh, scaleSet } from './replica-sets.ts'
import { rollOn } from './rolling.ts'
import { isScaling, scale } from './scale.ts'
import { deploymentStatus, isComplete, type StatusFacts, untilDeadline } from './status.ts'

/** Keeps the ReplicaSets of Deployments in line with their templates, counts and strategies. */
export function startDeployments(world: World): void {
  const loop = world.loop('deployment', async key => {
    const deployment = world.get('Deployment', ...splitKey(key))
    const wait = deployment && (await reconcile(world, deployment))
    if (wait !== undefined) loop.askLater(key, wait)
  })
  world.each('Deployment', deployment => loop.ask(keyOf(deployment)))
  world.eachOwner('ReplicaSet', 'Deployment', key => loop.ask(key))
  // Recreate waits until the last old pod is gone, which its ReplicaSet's status tells too early.
  world.each('Pod', (pod, _previous, deleted) => {
    const owner = deleted ? controllerOf(pod) : undefined
    const set = owner?.kind === 'ReplicaSet' && world.get('ReplicaSet', pod.metadata.namespace ?? '', owner.name)
    const deployment = set && controllerOf(set)
    if (deployment) loop.ask(`${pod.metadata.namespace}/${deployment.name}`)
  })
}

/** One look; gives the milliseconds after which the next one is due by time alone. */
async function reconcile(world: World, deployment: Deployment): Promise<number | undefined> {
  const sets = await claim(world, 'Deployment', deployment, 'ReplicaSet')
  let current = findNew(deployment, sets)
  const old = sets.filter(set => set.metadata.uid !== current?.metadata.uid)
  let facts: Omit<StatusFacts, 'current' | 'now' | 'old'> = { deployment }
  if (!isDeleting(deployment)) {
    if (current) {
      current = await refresh(world, deployment, current, nextRevision(old))
      facts = { deployment, progress: 'found' }
    }
    if (deployment.spec.paused === true || isScaling(deployment, sets)) await scale(world, deployment, current, old)
    else {
      if (!current && (await mayCreate(world, deployment, old))) {
        const made = await createNew(world, deployment, old)
        current = made.set
        facts = { deployment, progress: made.set && 'created', collisionCount: made.collisionCount }
      }
      if (current) await step(world, deployment, current, old)
    }
  }
  return writeStatus(
    world,
    facts,
    latest(world, current),
    old.map(set => latest(world, set) ?? set),
  )
}

async function step(
  world: World,
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): Promise<void> {
  if (deployment.spec.strategy.type === 'Recreate') await scaleSet(world, deployment, current, deployment.spec.replicas)
  else await rollOn(world, deployment, current, old)
}

/** Recreate stops all old pods before the first new one starts. */
async function mayCreate(world: World, deployment: Deployment, old: readonly ReplicaSet[]): Promise<boolean> {
  if (deployment.spec.strategy.type !== 'Recreate') return true
  await Promise.all(active(old).map(set => scaleSet(world, deployment, set, 0)))
  const running = old.some(set =>
    world
      .owned('Pod')
      .of(set)
      .some(pod => !isFinished(pod)),
  )
  return active(old).length === 0 && actual(old) === 0 && !running
}

async function writeStatus(
  world: World,
  facts: Omit<StatusFacts, 'current' | 'now' | 'old'>,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Promise<number | undefined> {
  const now = world.now()
  // The controller's own writes leave the Deployment alone, so what was read is still what the status is about.
  const { deployment } = facts
  const status = deploymentStatus({ ...facts, current, old, now })
  const revision = current?.metadata.annotations?.[revisionAnnotation]
  const annotations: Record<string, string> =
    revision === undefined || isDeleting(deployment) ? {} : { [revisionAnnotation]: revision }
  await world.write.status(deployment, status, { annotations })
  if (!isDeleting(deployment) && (deployment.spec.paused === true || isComplete(deployment, status)))
    await cleanUp(world, deployment, old)
  return untilDeadline(deployment, status, now)
}

/** The ReplicaSet after this look's own writes, which the cache has seen. */
function latest(world: World, set: ReplicaSet | undefined): ReplicaSet | undefined {
  return set && (world.get('ReplicaSet', set.metadata.namespace ?? '', set.metadata.name ?? '') ?? set)
}
