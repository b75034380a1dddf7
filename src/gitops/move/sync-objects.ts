import { SluiceError } from '../../base/errors/index.ts'
import type { FleetSync } from '../../fleet/find-sync.ts'
import { gitRepositoryKind, kustomizationKind } from '../../fleet/read-fleet.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import { readText, syncFileOf } from './content.ts'
import { fetchBranch } from './fetch.ts'
import { foundIn, placeNow } from './found.ts'
import { editSyncFile, readSyncFile } from './place.ts'
import type { MoveContext, MoveState } from './types.ts'

/** The GitRepository and the Kustomization that a cluster follows Git by. */
export function syncRefs({ namespace, sourceName, kustomizationName }: FleetSync): readonly [ObjectRef, ObjectRef] {
  return [
    { ...gitRepositoryKind, namespace, name: sourceName },
    { ...kustomizationKind, namespace, name: kustomizationName },
  ]
}

/**
 * Applies both objects as gotk-sync.yaml at the new place has them: the source first, as one write, so that the cluster
 * follows either place as a whole; with the folder not there yet, a build fails and removes nothing.
 */
export async function applySync(context: MoveContext, state: MoveState): Promise<void> {
  const { client, mirror, target, signal } = context
  const { to, sync } = foundIn(state)
  const { commit } = await fetchBranch(mirror, target.remote, to.branch, signal)
  const path = syncFileOf(to.path, sync.namespace)
  const text = (await readText(mirror.tree(commit), path)) ?? ''
  const wanted = readSyncFile(editSyncFile(text, sync.namespace, placeNow(state)), sync.namespace)
  if (!wanted) throw new SluiceError('E_GITOPS_SYNC_FOREIGN', { object: `${path} on ${to.branch}` })
  for (const object of [wanted.source, wanted.kustomization])
    await client.apply(object, { fieldManager: 'flux', force: true, signal })
}
