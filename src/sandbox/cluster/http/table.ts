import type { KubeObject } from '../../../kube/object.ts'
import type { ServedKind } from '../kinds/registry.ts'
import type { TableColumn } from '../kinds/types.ts'
import { age } from '../tables/index.ts'
import { toRequestVersion } from '../write/convert.ts'
import { partialMetadata } from './present.ts'
import { badRequest } from './status.ts'

/** What stands beside the cells of each row. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** Reads `includeObject`; throws 400 for other values. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? ''
  if (value === '') return 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
}

const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
}

const ageColumn: TableColumn = {
  name: 'Age',
  type: 'date',
  description: 'When the object was created.',
}

/** The header of a kind's table, in the JSON form of `TableColumnDefinition`. */
export function columnDefinitions(kind: ServedKind): Record<string, unknown>[] {
  const columns = kind.version.columns
  const definitions = columns
    ? columns.definitions
    : [{ ...ageColumn, name: kind.definition.custom ? 'Age' : 'Created At' }]
  return (namesItself(kind) ? definitions : [nameColumn, ...definitions]).map(
    ({ name, type, format, description, priority }) => ({
      name,
      type,
      format: format ?? (name === 'Name' ? 'name' : ''),
      description: description ?? '',
      priority: priority ?? 0,
    }),
  )
}

/** Whether the columns of a kind hold the name at a place of their own (events do). */
function namesItself(kind: ServedKind): boolean {
  return kind.version.columns?.definitions.some(column => column.name === 'Name') ?? false
}

/** One row of a table. `object` is in its storage version. */
export function tableRow(
  kind: ServedKind,
  object: KubeObject,
  include: IncludeObject,
  now: Date,
): Record<string, unknown> {
  const shown = toRequestVersion(kind, object)
  const created = object.metadata.creationTimestamp
  const cells = kind.version.columns?.cells(shown, now) ?? [
    kind.definition.custom ? age(created, now) : (created ?? null),
  ]
  const row: Record<string, unknown> = { cells: namesItself(kind) ? cells : [object.metadata.name ?? '', ...cells] }
  if (include === 'Metadata') row['object'] = partialMetadata(object)
  else if (include === 'Object') row['object'] = shown
  else row['object'] = null
  return row
}

/** A whole table; events of a watch but the first have no columns. */
export function table(
  columns: readonly Record<string, unknown>[] | null,
  rows: readonly Record<string, unknown>[] | null,
  metadata: Record<string, unknown>,
): Record<string, unknown> {
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: columns, rows }
}
