import { jsonEqual } from '../../../base/json.ts'
import { isAlreadyExists } from '../../../kube/client/index.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { controllerOf, controllerReference } from '../shared/owners.ts'
import { templateHash } from '../shared/template-hash.ts'
import type { Deployment, PodTemplate, ReplicaSet } from '../shared/types.ts'
import type { World } from '../shared/world.ts'
import { revisionAnnotation, revisionOf, setAnnotations, sizeAnnotations } from './annotations.ts'
import { newSetReplicas } from './counts.ts'

/** The label that tells the ReplicaSets of a Deployment and their pods apart. */
export const hashLabel = 'pod-template-hash'
const component = 'deployment-controller'

/** Oldest first. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const time = (set: ReplicaSet) => set.metadata.creationTimestamp ?? ''
  return time(a).localeCompare(time(b)) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '')
}

/** The ReplicaSet that has the Deployment's present template; of several the oldest. */
export function findNew(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const wanted = withoutHash(deployment.spec.template)
  return [...sets].sort(byAge).find(set => jsonEqual(withoutHash(set.spec.template), wanted))
}

function withoutHash({ metadata, spec }: PodTemplate): unknown {
  const { [hashLabel]: _, ...labels } = metadata?.labels ?? {}
  const { creationTimestamp: __, ...rest } = metadata ?? {}
  return { metadata: { ...rest, labels }, spec }
}

/** The revision that comes next: one above all old ones. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1
}

/** Gives the ReplicaSet of the present template its revision and the Deployment's annotations. */
export async function refresh(
  world: World,
  deployment: Deployment,
  set: ReplicaSet,
  revision: number,
): Promise<ReplicaSet> {
  const before = set.metadata.annotations ?? {}
  const annotations = setAnnotations(deployment, revision, before)
  const { minReadySeconds = 0 } = deployment.spec
  if (jsonEqual(annotations, before) && (set.spec.minReadySeconds ?? 0) === minReadySeconds) return set
  return (await world.write.patch(set, { metadata: { annotations }, spec: { minReadySeconds } })) as ReplicaSet
}

/** What came of the attempt to make the ReplicaSet of the present template. */
export interface Creation {
  readonly set: ReplicaSet | undefined
  /** Set when another object has the name: the hash is made anew with this count. */
  readonly collisionCount?: number
}

/** Makes the ReplicaSet of the present template, at the size that the strategy allows now. */
export async function createNew(world: World, deployment: Deployment, old: readonly ReplicaSet[]): Promise<Creation> {
  const { name = '', namespace = '' } = deployment.metadata
  const { template, selector, minReadySeconds } = deployment.spec
  const collisions = deployment.status?.collisionCount ?? 0
  const hash = templateHash(template, collisions)
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  const replicas = newSetReplicas(deployment, old, 0)
  const wanted: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: {
        ...setAnnotations(deployment, nextRevision(old)),
        ...sizeAnnotations(deployment),
        [revisionAnnotation]: String(nextRevision(old)),
      },
      ownerReferences: [controllerReference('Deployment', deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
  try {
    const set = (await world.write.create(wanted)) as ReplicaSet
    if (replicas > 0) {
      const message = `Scaled up replica set ${set.metadata.name} from 0 to ${replicas}`
      world.events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message, component })
    }
    return { set }
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const there = world.get('ReplicaSet', namespace, `${name}-${hash}`)
    // Made by an earlier look that the cache has not shown yet, or a name that happens to be taken.
    if (!there || controllerOf(there)?.uid === deployment.metadata.uid) throw error
    return { set: undefined, collisionCount: collisions + 1 }
  }
}

/** Sets the count of a ReplicaSet, with the sizes that the next scaling starts from. True when the count changed. */
export async function scaleSet(
  world: World,
  deployment: Deployment,
  set: ReplicaSet,
  replicas: number,
): Promise<boolean> {
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) }
  const before = set.spec.replicas
  if (before === replicas && jsonEqual(annotations, set.metadata.annotations)) return false
  await world.write.patch(set, { metadata: { annotations }, ...(before === replicas ? {} : { spec: { replicas } }) })
  if (before === replicas) return false
  const message = `Scaled ${before < replicas ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${replicas}`
  world.events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message, component })
  return true
}

/** Deletes the oldest revisions beyond the limit, of those that have no pods any more. */
export async function cleanUp(world: World, deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> {
  const limit = deployment.spec.revisionHistoryLimit ?? 10
  const alive = old.filter(set => set.metadata.deletionTimestamp === undefined)
  const surplus = alive.length - limit
  if (surplus <= 0) return
  for (const set of [...alive].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus)) {
    const busy = set.spec.replicas !== 0 || (set.status?.replicas ?? 0) !== 0
    if (!busy && (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0)) await world.write.delete(set)
  }
}
