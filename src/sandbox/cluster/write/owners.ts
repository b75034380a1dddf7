import type { KubeObject } from '../../../kube/object.ts'
import type { WriteRequest } from './write-request.ts'

/** Drops owners that are named twice, with a warning (apiserver `dedupOwnerReferencesAndAddWarning`). In place. */
export function dedupOwners(request: WriteRequest, object: KubeObject): void {
  const owners = object.metadata.ownerReferences
  if (!owners || owners.length < 2) return
  const seen = new Set<string>()
  const kept = owners.filter(owner => !seen.has(JSON.stringify(owner)) && seen.add(JSON.stringify(owner)))
  if (kept.length === owners.length) return
  const uids = owners.map(owner => owner.uid)
  const twice = [...new Set(uids.filter((uid, i) => uids.indexOf(uid) !== i))]
  request.warnings.push(
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject ' +
      `such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  )
  object.metadata.ownerReferences = kept
}
