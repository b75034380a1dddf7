import type { FileTree } from '../../base/file-tree.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { type ObjectRef, refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { refusalOf } from '../apply/refusal.ts'
import { applyManager } from '../contract.ts'
import { helmManager } from '../helmrelease/contract.ts'
import { objectsOf } from '../helmrelease/manifest.ts'
import { releaseNameOf, storageNamespaceOf } from '../helmrelease/settings.ts'
import { newestRevision, readRelease } from '../helmrelease/storage/read.ts'
import { buildForDiff } from './diff-kustomization.ts'
import { diffOf, type ObjectDiff } from './object-diff.ts'

/**
 * What applying one object of a Kustomization again would change, by a dry run; undefined when the files make no such
 * object. Fails with E_ENGINE_DIFF when they cannot be built.
 */
export async function diffBuilt(
  client: KubeClient,
  kustomization: Kustomization,
  tree: FileTree,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<ObjectDiff | undefined> {
  const objects = await buildForDiff({ client, tree, kustomization, signal })
  return diffWanted(client, objects, ref, applyManager, signal)
}

/** The same for an object of a HelmRelease, as it was released last; undefined when the release has no such object. */
export async function diffReleased(
  client: KubeClient,
  object: HelmRelease,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<ObjectDiff | undefined> {
  const storage = { client, namespace: storageNamespaceOf(object), release: releaseNameOf(object) }
  const newest = await newestRevision(storage, signal)
  const stored = newest && (await readRelease(storage, newest.version, signal))
  if (stored === undefined) return undefined
  return diffWanted(client, await objectsOf(stored.release, client, signal), ref, helmManager, signal)
}

async function diffWanted(
  client: KubeClient,
  objects: readonly KubeObject[],
  ref: ObjectRef,
  fieldManager: string,
  signal: AbortSignal,
): Promise<ObjectDiff | undefined> {
  const wanted = objects.find(one => refKey(refOf(one)) === refKey(ref))
  if (wanted === undefined) return undefined
  const live = await client.find(ref, { signal })
  try {
    return diffOf(ref, live, await client.apply(wanted, { fieldManager, force: true, dryRun: true, signal }))
  } catch (error) {
    signal.throwIfAborted()
    return { ref, action: 'refused', changes: [], message: refusalOf(error, wanted, ref, 'dry-run').message }
  }
}
