import { formatPath } from '../fieldset/path-element.ts'
import type { TypedConflict } from '../typed/types.ts'
import { type Managed, parseManagerKey } from './managers.ts'
import type { FieldConflict } from './types.ts'

/** Conflicts in the words of a Status: one for each field, by manager. */
export function describeConflicts(conflicts: readonly TypedConflict[], managed: Managed): FieldConflict[] {
  return [...conflicts]
    .sort((a, b) => (a.manager < b.manager ? -1 : 1))
    .flatMap(({ manager: key, fields }) => {
      const { manager, operation, apiVersion, subresource } = parseManagerKey(key)
      const time = managed.times.get(key)
      const owned = managed.sets.get(key)?.apiVersion ?? apiVersion
      const who = managerText({ manager, operation, apiVersion: owned, subresource })
      return fields.paths().map(path => ({
        manager,
        operation,
        apiVersion: owned,
        subresource,
        ...(time === undefined ? {} : { time }),
        field: formatPath(path),
        message: `conflict with ${who}`,
      }))
    })
}

/** The message of the Status, as apimachinery's `NewConflictError` words it. */
export function conflictMessage(conflicts: readonly FieldConflict[]): string {
  const [only] = conflicts
  if (conflicts.length === 1 && only) return `Apply failed with 1 conflict: ${only.message}: ${only.field}`
  const byManager = new Map<string, string[]>()
  for (const { message, field } of conflicts) {
    const who = message.replace(/^conflict with /, '')
    byManager.set(who, [...(byManager.get(who) ?? []), field])
  }
  const parts = [...byManager].map(
    ([who, fields]) => `conflicts with ${who}:\n${fields.map(field => `- ${field}`).join('\n')}`,
  )
  return `Apply failed with ${conflicts.length} conflicts: ${parts.join('\n')}`
}

function managerText({
  manager,
  operation,
  apiVersion,
  subresource,
}: Pick<FieldConflict, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const name = JSON.stringify(manager) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`)
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
