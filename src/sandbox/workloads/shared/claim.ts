import { isNotFound } from '../../../kube/client/index.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { selects } from '../../cluster/builtin/selector.ts'
import type { KindName, KindTypes } from './kinds.ts'
import { controllerReference } from './owners.ts'
import type { LabelSelector } from './types.ts'
import { isDeleting, type World } from './world.ts'

/**
 * What an owner controls, after it has let go of what its selector no longer selects and taken what it selects and
 * nobody controls (Kubernetes' ControllerRefManager). So `kubectl label pod … app=debug` takes a pod out of service,
 * and objects left by `--cascade=orphan` are found again.
 */
export async function claim<K extends KindName>(
  world: World,
  ownerKind: KindName,
  owner: KubeObject & { spec: { selector: LabelSelector } },
  kind: K,
  may: (object: KindTypes[K]) => boolean = () => true,
): Promise<KindTypes[K][]> {
  const { selector } = owner.spec
  const kept: KindTypes[K][] = []
  for (const object of world.owned(kind).of(owner)) {
    if (selects(selector, object.metadata.labels)) kept.push(object)
    else if (!isDeleting(owner)) await release(world, owner, object)
  }
  if (isDeleting(owner)) return kept
  for (const orphan of world.owned(kind).orphans(owner.metadata.namespace ?? '')) {
    if (isDeleting(orphan) || !may(orphan) || !selects(selector, orphan.metadata.labels)) continue
    const others = orphan.metadata.ownerReferences ?? []
    const adopted = await world.write.patch(orphan, {
      metadata: { ownerReferences: [...others, controllerReference(ownerKind, owner)] },
    })
    kept.push(adopted as KindTypes[K])
  }
  return kept
}

async function release(world: World, owner: KubeObject, object: KubeObject): Promise<void> {
  const left = (object.metadata.ownerReferences ?? []).filter(one => one.uid !== owner.metadata.uid)
  try {
    await world.write.patch(object, { metadata: { ownerReferences: left.length > 0 ? left : null } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
