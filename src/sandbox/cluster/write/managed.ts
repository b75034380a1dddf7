import { SluiceError } from '../../../base/errors/index.ts'
import { isObject, jsonEqual } from '../../../base/json.ts'
import { parseApiVersion } from '../../../kube/identity.ts'
import { applyManaged, conflictMessage, mainFields, statusFields, updateManaged } from '../../../kube/merge/index.ts'
import type { FieldConflict } from '../../../kube/merge/managed-fields/types.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { goKey } from '../go-types/go-type.ts'
import { zeroObject } from '../go-types/zero-object.ts'
import { badRequest, internalStatus, StatusError } from '../http/status.ts'
import { toRequestVersion } from './convert.ts'
import type { WriteRequest } from './write-request.ts'

/** The object with its managed fields after a create, update or patch. `live` is in the storage version. */
export function managedUpdate(
  request: WriteRequest,
  live: KubeObject | undefined,
  updated: KubeObject,
  time: Date,
): KubeObject {
  const facts = writeFacts(request, live, time)
  const object = updateManaged({ ...facts, updated })
  if (!live) return withoutZeroClaims(request, object)
  return request.subresource === 'scale' ? withoutScaleTimes(object) : object
}

/**
 * What a create is compared with. A builtin kind starts as an empty Go struct, whose inner structs are there already:
 * that they exist is not owned by who fills them.
 */
function withoutZeroClaims({ kind: { definition, version } }: WriteRequest, object: KubeObject): KubeObject {
  const zero = definition.custom ? undefined : zeroObject(goKey(definition.group, version.version, definition.kind))
  if (!zero) return object
  const managedFields = object.metadata.managedFields?.flatMap(entry => {
    const fieldsV1 = structuredClone(entry.fieldsV1 ?? {})
    dropClaims(fieldsV1, zero, object)
    return Object.keys(fieldsV1).length === 0 ? [] : [{ ...entry, fieldsV1 }]
  })
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

function dropClaims(
  claims: Record<string, unknown>,
  zero: Record<string, unknown>,
  value: Record<string, unknown>,
): void {
  for (const key of Object.keys(claims)) {
    const name = key.slice(2)
    const inner = claims[key]
    if (!key.startsWith('f:') || !Object.hasOwn(zero, name) || !isObject(inner)) continue
    const [start, now] = [zero[name] ?? null, value[name] ?? null]
    // The absent rules of a role are the one empty list that a create claims.
    if (jsonEqual(start, now) && name !== 'rules') {
      delete claims[key]
      continue
    }
    delete inner['.']
    if (isObject(start) && isObject(now)) dropClaims(inner, start, now)
  }
}

/** Claims made through the scale subresource carry no time (apimachinery `ScaleHandler.ToParent`). */
export function withoutScaleTimes(object: KubeObject): KubeObject {
  const managedFields = object.metadata.managedFields?.map(({ time, ...entry }) =>
    entry.subresource === 'scale' || time === undefined ? entry : { ...entry, time },
  )
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

/** The object after a server-side apply; 409 with a cause for each field when other managers mind. */
export function managedApply(
  request: WriteRequest,
  live: KubeObject | undefined,
  applied: KubeObject,
  time: Date,
): KubeObject {
  if (applied.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  try {
    const result = applyManaged({ ...writeFacts(request, live, time), applied, force: request.options.force })
    if (result.object) return result.object
    throw applyConflict(result.conflicts)
  } catch (error) {
    if (error instanceof SluiceError && untypableCodes.has(error.code)) throw untypable(applied, error)
    throw error
  }
}

/** Codes of an applied object that does not fit its schema. */
const untypableCodes = new Set<string>(['E_MERGE_TYPE', 'E_APPLY_INVALID'])

function writeFacts(request: WriteRequest, live: KubeObject | undefined, time: Date) {
  const { definition, version, apiVersion } = request.kind
  const { subresource, options } = request
  const resetFields = subresource === 'status' ? statusFields : version.subresources.status ? mainFields : undefined
  return {
    live: live && toRequestVersion(request.kind, live),
    manager: options.manager,
    subresource,
    schema: version.schema,
    apiVersion,
    time,
    ...(resetFields && !(definition.custom && !version.subresources.status) ? { resetFields } : {}),
  }
}

function applyConflict(conflicts: readonly FieldConflict[]): StatusError {
  return new StatusError(409, 'Conflict', conflictMessage(conflicts), {
    causes: conflicts.map(({ field, message }) => ({ reason: 'FieldManagerConflict', message, field })),
  })
}

/** A plain error of the typed merge, which apiserver answers with 500. */
function untypable(applied: KubeObject, error: SluiceError): StatusError {
  const { name = '', namespace = '' } = applied.metadata
  const { group, version } = parseApiVersion(applied.apiVersion)
  const what = `(${namespace}/${name}; ${group}/${version}, Kind=${applied.kind})`
  return internalStatus(
    `failed to create typed patch object ${what}: ${String(error.facts.details?.['message'] ?? error.facts.seen ?? '')}`,
  )
}
