import type { KubeClient } from '../../../kube/client/types.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { decodeRelease, type StoredRelease, storageName } from './release.ts'

/** Where helm keeps the revisions of one release. */
export interface StorageRef {
  /** Client of the release's cluster and identity. */
  readonly client: KubeClient
  readonly namespace: string
  readonly release: string
}

/** The newest revision that is stored, without its content. */
export interface StoredRevision {
  readonly version: number
  readonly resourceVersion: string
}

const secretKind = { group: '', version: 'v1', kind: 'Secret' } as const

/** Looks for the newest revision: one call, and no content is read. */
export async function newestRevision(storage: StorageRef, signal: AbortSignal): Promise<StoredRevision | undefined> {
  const { items } = await storage.client.list(secretKind, {
    namespace: storage.namespace,
    labelSelector: `name=${storage.release},owner=helm`,
    metadataOnly: true,
    signal,
  })
  let newest: StoredRevision | undefined
  for (const { metadata } of items) {
    const version = Number(metadata.labels?.['version'] ?? Number.NaN)
    if (Number.isInteger(version) && version > (newest?.version ?? 0)) {
      newest = { version, resourceVersion: metadata.resourceVersion ?? '' }
    }
  }
  return newest
}

export async function readRelease(
  storage: StorageRef,
  version: number,
  signal: AbortSignal,
): Promise<{ readonly release: StoredRelease; readonly secret: KubeObject } | undefined> {
  const name = storageName(storage.release, version)
  const secret = await storage.client.find({ ...secretKind, namespace: storage.namespace, name }, { signal })
  const release = secret && decodeRelease(secret)
  return release && { release, secret: secret! }
}
