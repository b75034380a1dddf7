import { SluiceError } from '../../../base/errors/index.ts'
import type { KubeObject } from '../../object.ts'
import { applyTyped, type TypedApplyResult, type TypedWrite } from '../typed/applier.ts'
import type { Typed, TypedConflict } from '../typed/types.ts'
import { formatProblems, validateTyped } from '../typed/validate.ts'
import { describeConflicts } from './conflicts.ts'
import { clientSideFields, upgradingManager, withLastApplied } from './last-applied.ts'
import {
  decodeManaged,
  entryTime,
  type Managed,
  managerKey,
  noManagers,
  withManaged,
  withoutManaged,
} from './managers.ts'
import { neverOwned } from './reset-fields.ts'
import { rulesFor, typed } from './rules.ts'
import type { ApplyRequest, ApplyResult } from './types.ts'
import { trackUpdate } from './update.ts'

/**
 * Server-side apply (KEP-555): the new object with its managers, or the conflicts that stopped it. The object shares
 * parts with `live` and `applied`: copy it before changing it in place.
 *
 * @throws E_APPLY_INVALID when the applied object does not fit the schema (an undeclared field, a repeated list key)
 * @throws E_APPLY_REFUSED when it has another version than the request, or managed fields
 */
export function applyManaged(request: ApplyRequest): ApplyResult {
  const { schema, apiVersion, applied, subresource = '' } = request
  const live = request.live === undefined ? undefined : withoutManaged(request.live)
  const start = typed(live, schema)
  check(request, start)
  const managed = managersBefore(request, live)
  const manager = managerKey({ manager: request.manager || 'unknown', operation: 'Apply', apiVersion, subresource })
  const rules = rulesFor(request.resetFields)
  const write: TypedWrite = { rules, version: apiVersion, live: start, managers: managed.sets, manager }
  let result = applyTyped(write, applied, request.force ?? false)
  if (result.conflicts !== undefined && request.manager === upgradingManager) {
    result = takeOverClientSide(write, applied, result.conflicts)
  }
  if (result.conflicts !== undefined) return { conflicts: describeConflicts(result.conflicts, managed) }
  const after: Managed = { sets: new Map(result.managers), times: new Map(managed.times) }
  const own = after.sets.get(manager)
  const set = own?.set.difference(neverOwned)
  if (own === undefined || set === undefined || set.isEmpty) after.sets.delete(manager)
  else after.sets.set(manager, { ...own, set })
  // The time tells when a manager last changed something: an apply that changes nothing leaves it as it is.
  if (result.value !== start.value) after.times.set(manager, entryTime(request.time))
  const object = result.value as KubeObject
  return {
    object: withManaged(request.manager === upgradingManager ? withLastApplied(object, applied) : object, after),
  }
}

function check({ applied, apiVersion }: ApplyRequest, start: Typed): void {
  if (applied.metadata?.managedFields !== undefined && applied.metadata.managedFields !== null) {
    throw refused('metadata.managedFields must be nil')
  }
  if (applied.apiVersion !== apiVersion) {
    throw refused(
      `Incorrect version specified in apply patch. Specified patch version: ${applied.apiVersion}, expected: ${apiVersion}`,
    )
  }
  const problems = validateTyped(applied, start.type)
  if (problems.length > 0) throw new SluiceError('E_APPLY_INVALID', { seen: formatProblems(problems) })
}

function refused(message: string): SluiceError {
  return new SluiceError('E_APPLY_REFUSED', { seen: message, details: { status: 400, reason: 'BadRequest', message } })
}

/** The managers to start from. An object that was never tracked counts as written by `before-first-apply`. */
function managersBefore(request: ApplyRequest, live: KubeObject | undefined): Managed {
  const managed = decodeManaged(request.live?.metadata.managedFields) ?? noManagers()
  if (managed.sets.size > 0 || live === undefined) return managed
  return trackUpdate({ ...request, manager: 'before-first-apply' }, undefined, live, managed)
}

/** Forces the apply when all that conflicts was written by a client-side apply; else only the other conflicts are left. */
function takeOverClientSide(
  write: TypedWrite,
  applied: unknown,
  conflicts: readonly TypedConflict[],
): TypedApplyResult {
  const allowed = clientSideFields(write.live, write.version)
  if (allowed.isEmpty) return { conflicts }
  const left = conflicts.flatMap(conflict => {
    const fields = conflict.fields.difference(allowed)
    return fields.isEmpty ? [] : [{ ...conflict, fields }]
  })
  return left.length > 0 ? { conflicts: left } : applyTyped(write, applied, true)
}
