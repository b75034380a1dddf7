import { storageManager } from '../contract.ts'
import { readRelease, type StorageRef } from './read.ts'
import { decodeRelease, encodeWithStatus, type StoredRelease } from './release.ts'

/**
 * Gives a stored revision another status, as helm's own storage does it: the release inside and the label outside.
 * Returns the revision as it is stored then; undefined when it is gone.
 */
export async function setReleaseStatus(
  storage: StorageRef,
  version: number,
  status: string,
  description: string,
  signal: AbortSignal,
): Promise<StoredRelease | undefined> {
  const found = await readRelease(storage, version, signal)
  if (found === undefined) return undefined
  const { secret, release } = found
  const { name = '', resourceVersion } = secret.metadata
  const patch = {
    metadata: { resourceVersion, labels: { status, modifiedAt: String(Math.floor(Date.now() / 1000)) } },
    data: { release: encodeWithStatus(release, status, description) },
  }
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace: storage.namespace, name }
  return decodeRelease(await storage.client.patch(ref, 'merge', patch, { fieldManager: storageManager, signal }))
}
