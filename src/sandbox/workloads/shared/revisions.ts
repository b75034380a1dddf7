import { jsonEqual } from '../../../base/json.ts'
import { isAlreadyExists } from '../../../kube/client/index.ts'
import { claim } from './claim.ts'
import type { KindName } from './kinds.ts'
import { controllerReference } from './owners.ts'
import { templateHash } from './template-hash.ts'
import type { ControllerRevision, RevisionedSet } from './types.ts'
import type { World } from './world.ts'

/** The label of a revision's hash, on the revision itself and (for DaemonSets and StatefulSets) on pods. */
export const revisionHashLabel = 'controller-revision-hash'
const hashLabel = 'controller.kubernetes.io/hash'

/** The history of a set: its revisions, oldest first, and the one of its present template. */
export interface History {
  readonly revisions: readonly ControllerRevision[]
  /** Undefined when another object has the name that it would get: `collisionCount` has gone up. */
  readonly update: ControllerRevision | undefined
  readonly collisionCount: number
}

/**
 * Finds the revision of the present template, or makes it. One that is used again becomes the newest, as
 * `kubectl rollout undo` expects (StatefulSet controller, `getStatefulSetRevisions`).
 */
export async function historyOf(world: World, kind: KindName, set: RevisionedSet): Promise<History> {
  const revisions = [...(await claim(world, kind, set, 'ControllerRevision'))].sort(byRevision)
  const collisionCount = set.status?.collisionCount ?? 0
  const data = { spec: { template: { ...set.spec.template, $patch: 'replace' } } }
  const equal = revisions.filter(one => jsonEqual(one.data, data)).at(-1)
  const last = revisions.at(-1)
  if (equal && equal === last) return { revisions, update: equal, collisionCount }
  const revision = (last?.revision ?? 0) + 1
  if (equal) {
    const update = (await world.write.patch(equal, { revision })) as ControllerRevision
    return { revisions: [...revisions.filter(one => one !== equal), update], update, collisionCount }
  }
  const hash = templateHash(set.spec.template, collisionCount)
  const { name = '', namespace = '', annotations } = set.metadata
  try {
    const update = (await world.write.create({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...set.spec.template.metadata?.labels, [hashLabel]: hash },
        ...(annotations ? { annotations } : {}),
        ownerReferences: [controllerReference(kind, set)],
      },
      data,
      revision,
    })) as ControllerRevision
    return { revisions: [...revisions, update], update, collisionCount }
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    return { revisions, update: undefined, collisionCount: collisionCount + 1 }
  }
}

/** The hash of a revision, as DaemonSet pods carry it. */
export function hashOf(revision: ControllerRevision): string {
  return revision.metadata.labels?.[hashLabel] ?? ''
}

/** Deletes the oldest revisions beyond the limit, of those that are not in use. */
export async function trimHistory(
  world: World,
  set: RevisionedSet,
  revisions: readonly ControllerRevision[],
  inUse: (revision: ControllerRevision) => boolean,
): Promise<void> {
  const unused = revisions.filter(one => !inUse(one)).sort(byRevision)
  const surplus = unused.length - (set.spec.revisionHistoryLimit ?? 10)
  for (const revision of unused.slice(0, Math.max(0, surplus))) await world.write.delete(revision)
}

function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return (
    a.revision - b.revision || (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')
  )
}
