import type { KubeObject } from '../../../kube/object.ts'
import { StatusError } from '../http/status.ts'
import { toRequestVersion } from './convert.ts'
import { applyManaged, updateManaged } from './merge-seam.ts'
import type { WriteRequest } from './write-request.ts'

/** The object with its managed fields after a create, update or patch. `live` is in the storage version. */
export function managedUpdate(
  request: WriteRequest,
  live: KubeObject | undefined,
  updated: KubeObject,
  time: Date,
): KubeObject {
  return updateManaged({
    live: live && toRequestVersion(request.kind, live),
    updated,
    manager: request.options.manager,
    subresource: request.subresource,
    schema: request.kind.version.schema,
    apiVersion: request.kind.apiVersion,
    time,
  })
}

/** The object after a server-side apply; 409 with a cause for each field when other managers mind. */
export function managedApply(
  request: WriteRequest,
  live: KubeObject | undefined,
  applied: KubeObject,
  time: Date,
): KubeObject {
  const result = applyManaged({
    live: live && toRequestVersion(request.kind, live),
    applied,
    manager: request.options.manager,
    subresource: request.subresource,
    schema: request.kind.version.schema,
    apiVersion: request.kind.apiVersion,
    force: request.options.force,
    time,
  })
  if (result.object) return result.object
  throw applyConflict(result.conflicts)
}

function applyConflict(conflicts: readonly { readonly field: string; readonly message: string }[]): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Apply failed with ${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}`,
    {
      causes: conflicts.map(({ field, message }) => ({ reason: 'FieldManagerConflict', message, field })),
    },
  )
}
