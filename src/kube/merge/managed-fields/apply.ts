import { SluiceError } from '../../../base/errors/index.ts'
import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../object.ts'
import { FieldSet } from '../fieldset/field-set.ts'
import { applyTyped, type TypedApplyResult } from '../typed/applier.ts'
import { toFieldSet } from '../typed/to-field-set.ts'
import { formatProblems, validateTyped } from '../typed/validate.ts'
import { describeConflicts } from './conflicts.ts'
import { decodeManaged, entryTime, type Managed, managerKey, withManaged, withoutManaged } from './managers.ts'
import { neverOwned } from './reset-fields.ts'
import { rulesFor, typed } from './rules.ts'
import type { ApplyRequest, ApplyResult } from './types.ts'
import { trackUpdate } from './update.ts'

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * Server-side apply (KEP-555): the new object with its managers, or the conflicts that stopped it.
 *
 * @throws E_APPLY_INVALID when the applied object does not fit the schema (a repeated list key, a map where a list belongs)
 */
export function applyManaged(request: ApplyRequest): ApplyResult {
  const { schema, apiVersion, subresource = '' } = request
  const live = request.live === undefined ? undefined : withoutManaged(request.live)
  const start = typed(live, schema)
  const problems = validateTyped(request.applied, start.type)
  if (problems.length > 0) throw new SluiceError('E_APPLY_INVALID', { seen: formatProblems(problems) })
  const managed = managersBefore(request, live)
  const manager = managerKey({ manager: request.manager || 'unknown', operation: 'Apply', apiVersion, subresource })
  const attempt = (force: boolean): TypedApplyResult =>
    applyTyped(
      { rules: rulesFor(request.resetFields), version: apiVersion, live: start, managers: managed.sets, manager },
      request.applied,
      force,
    )
  let result = attempt(request.force ?? false)
  if (result.conflicts !== undefined) {
    const left = afterClientSideApply(request, live, result.conflicts)
    if (left.length > 0) return { conflicts: describeConflicts(left, managed) }
    result = attempt(true)
    if (result.conflicts !== undefined) return { conflicts: describeConflicts(result.conflicts, managed) }
  }
  const after: Managed = { sets: new Map(result.managers), times: new Map(managed.times) }
  const own = after.sets.get(manager)
  if (own !== undefined) {
    const set = own.set.difference(neverOwned)
    if (set.isEmpty) after.sets.delete(manager)
    else after.sets.set(manager, { ...own, set })
  }
  // The time tells when a manager last changed something: an apply that changes nothing leaves it as it is.
  if (result.value !== start.value) after.times.set(manager, entryTime(request.time))
  return { object: withManaged(withLastApplied(request, result.value as KubeObject), after) }
}

/** The managers to start from. An object that was never tracked counts as written by `before-first-apply`. */
function managersBefore(request: ApplyRequest, live: KubeObject | undefined): Managed {
  const managed = decodeManaged(request.live?.metadata.managedFields) ?? { sets: new Map(), times: new Map() }
  if (managed.sets.size > 0 || live === undefined) return managed
  return trackUpdate({ ...request, manager: 'before-first-apply', subresource: '' }, undefined, live, managed)
}

/**
 * The conflicts that are left when `kubectl apply --server-side` takes over what `kubectl apply` wrote before: fields of
 * the last client-side apply are its own.
 */
function afterClientSideApply<C extends { readonly fields: FieldSet }>(
  request: ApplyRequest,
  live: KubeObject | undefined,
  conflicts: readonly C[],
): C[] {
  const text = live?.metadata.annotations?.[lastApplied]
  if (request.manager !== 'kubectl' || text === undefined) return [...conflicts]
  const allowed = lastAppliedFields(text, request)
  return conflicts
    .map(conflict => ({ ...conflict, fields: conflict.fields.difference(allowed) }))
    .filter(conflict => !conflict.fields.isEmpty)
}

function lastAppliedFields(text: string, { schema }: ApplyRequest): FieldSet {
  let last: unknown
  try {
    last = JSON.parse(text)
  } catch {
    return FieldSet.empty
  }
  const { type } = typed(undefined, schema)
  return isObject(last) && validateTyped(last, type, true).length === 0 ? toFieldSet(last, type) : FieldSet.empty
}

/** `kubectl apply --server-side` keeps the annotation of `kubectl apply` in step, so that one can go back. */
function withLastApplied(request: ApplyRequest, object: KubeObject): KubeObject {
  if (request.manager !== 'kubectl' || object.metadata?.annotations?.[lastApplied] === undefined) return object
  const { managedFields: _, annotations, ...metadata } = request.applied.metadata ?? {}
  const { [lastApplied]: __, ...others } = annotations ?? {}
  const text = `${JSON.stringify({ ...request.applied, metadata: { ...metadata, ...(annotations ? { annotations: others } : {}) } })}\n`
  // The annotation must not push the object over the limit of all annotations together.
  const next = text.length > 262_144 ? undefined : text
  const { [lastApplied]: ___, ...kept } = object.metadata.annotations ?? {}
  return {
    ...object,
    metadata: { ...object.metadata, annotations: next === undefined ? kept : { ...kept, [lastApplied]: next } },
  }
}
