import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { isKindUnknown, isNotFound } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { refusalOf } from '../apply/refusal.ts'
import { applyManager } from '../contract.ts'
import { decryptionOf } from '../decrypt/decryption.ts'
import { messageOf } from '../failure.ts'
import { buildObjects } from '../kustomization/build.ts'
import { inventoryEntry, parseInventoryEntry, staleEntries } from '../kustomization/inventory.ts'
import { applyPolicy, isOwnedBy, keepsFromPruning } from '../kustomization/owner.ts'
import { checkPath, pathInSource } from '../kustomization/path.ts'
import { compareForApply } from '../kustomization/stages.ts'
import { inventoryOf } from '../kustomization/status.ts'
import { collectVariables } from '../kustomization/variables.ts'
import { diffOf, inParallel, type ObjectDiff } from './object-diff.ts'

export interface DiffInput {
  readonly client: KubeClient
  /** The files as they would be in the source. */
  readonly tree: FileTree
  /** The Kustomization, with the status of the cluster: its inventory tells what would be deleted. */
  readonly kustomization: Kustomization
  readonly signal?: AbortSignal
}

/**
 * What the files would change in the cluster, found out by server-side dry runs: nothing is changed. Objects come in
 * order of application, those to be deleted last. Fails with E_ENGINE_DIFF when the files cannot be built.
 */
export async function diffKustomization(input: DiffInput): Promise<ObjectDiff[]> {
  const objects = await buildForDiff(input)
  const diffs = await inParallel(objects, object => diffObject(input, object))
  return [...diffs, ...(await deletions(input, objects))]
}

/** The objects that the files would apply, Secrets opened with the keys of the cluster. Fails with E_ENGINE_DIFF. */
export async function buildForDiff({ client, tree, kustomization, signal }: DiffInput): Promise<KubeObject[]> {
  const { namespace = '', name = '' } = kustomization.metadata
  try {
    const folder = pathInSource(kustomization.spec.path)
    await checkPath(tree, folder, kustomization.spec.path)
    const read = (kind: 'ConfigMap' | 'Secret', of: string) =>
      client.find({ group: '', version: 'v1', kind, namespace, name: of }, signal ? { signal } : {})
    const variables = await collectVariables(kustomization, read)
    const decryption = await decryptionOf(kustomization, read)
    return (await buildObjects(tree, folder, kustomization, variables, decryption)).sort(compareForApply)
  } catch (error) {
    throw new SluiceError('E_ENGINE_DIFF', {
      object: `Kustomization/${namespace}/${name}`,
      seen: messageOf(error),
      cause: error,
    })
  }
}

async function diffObject({ client, signal }: DiffInput, desired: KubeObject): Promise<ObjectDiff> {
  const ref = refOf(desired)
  const call = signal ? { signal } : {}
  const live = await client.find(ref, call)
  const policy = applyPolicy(desired, live)
  if (policy.skip || (policy.createOnly && live !== undefined)) return { ref, action: 'skip', changes: [] }
  try {
    const after = await client.apply(desired, { fieldManager: applyManager, force: true, dryRun: true, ...call })
    return diffOf(ref, live, after)
  } catch (error) {
    // Its kind or namespace may be made by the same files; then the server cannot say more yet.
    if (live === undefined && (isKindUnknown(error) || isNotFound(error))) return diffOf(ref, undefined, desired)
    return { ref, action: 'refused', changes: [], message: refusalOf(error, desired, ref, 'dry-run').message }
  }
}

async function deletions({ client, kustomization, signal }: DiffInput, objects: KubeObject[]): Promise<ObjectDiff[]> {
  if (!kustomization.spec.prune) return []
  const { namespace = '', name = '' } = kustomization.metadata
  const wanted = objects.map(object => inventoryEntry(refOf(object)))
  const diffs: ObjectDiff[] = []
  for (const entry of staleEntries(inventoryOf(kustomization), wanted)) {
    const ref = parseInventoryEntry(entry)
    const live = ref && (await client.find(ref, signal ? { signal } : {}))
    if (ref === undefined || live === undefined) continue
    if (isOwnedBy(live, { namespace, name }) && !keepsFromPruning(live)) diffs.push(diffOf(ref, live, undefined))
  }
  return diffs
}
