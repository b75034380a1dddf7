import type { KubeClient } from '../../kube/client/types.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { sorted } from '../helmrelease/history.ts'
import { releaseNameOf, releaseNamespaceOf, storageNamespaceOf } from '../helmrelease/settings.ts'
import { newestRevision, readRelease } from '../helmrelease/storage/read.ts'
import type { StoredRelease } from '../helmrelease/storage/release.ts'

/** What there is of a release. */
export interface Standing {
  /** The revision that an upgrade starts from; undefined when there would be an installation. */
  readonly deployed: StoredRelease | undefined
  /** A release that would be uninstalled first: its name, namespace, storage or chart is no longer what is wanted. */
  readonly left: StoredRelease | undefined
}

/** Looks into helm's storage for what there is of a release. */
export async function standingOf(
  object: HelmRelease,
  chartName: string,
  client: KubeClient,
  signal: AbortSignal,
): Promise<Standing> {
  const latest = sorted(object.status?.history)[0]
  const storage = object.status?.storageNamespace
  const inPlace = object.spec.upgrade?.chartNameChangeStrategy === 'InPlaceUpdate'
  const moved =
    latest !== undefined &&
    storage !== undefined &&
    (storage !== storageNamespaceOf(object) ||
      latest.namespace !== releaseNamespaceOf(object) ||
      latest.name !== releaseNameOf(object) ||
      (latest.chartName !== chartName && !inPlace))
  if (moved) return { deployed: undefined, left: await stored(client, storage, latest.name, signal) }
  return { deployed: await stored(client, storageNamespaceOf(object), releaseNameOf(object), signal), left: undefined }
}

/** The newest revision that was deployed; the newest of all when none was. */
async function stored(
  client: KubeClient,
  namespace: string,
  release: string,
  signal: AbortSignal,
): Promise<StoredRelease | undefined> {
  const storage = { client, namespace, release }
  const newest = await newestRevision(storage, signal)
  if (newest === undefined) return undefined
  const first = (await readRelease(storage, newest.version, signal))?.release
  if (first?.status === 'uninstalled') return undefined
  for (let version = newest.version, found = first; version > 0 && version > newest.version - 10; version--) {
    if (version !== newest.version) found = (await readRelease(storage, version, signal))?.release
    if (found?.status === 'deployed') return found
  }
  return first
}
