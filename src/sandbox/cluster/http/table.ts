import type { KubeObject } from '../../../kube/object.ts'
import type { ServedKind } from '../kinds/registry.ts'
import type { TableColumn } from '../kinds/types.ts'
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
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`)
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
  return [nameColumn, ...definitions].map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format: format ?? '',
    description: description ?? '',
    priority: priority ?? 0,
  }))
}

/** One row of a table. `object` is in its storage version. */
export function tableRow(
  kind: ServedKind,
  object: KubeObject,
  include: IncludeObject,
  now: Date,
): Record<string, unknown> {
  const shown = toRequestVersion(kind, object)
  const cells = kind.version.columns?.cells(shown, now) ?? [object.metadata.creationTimestamp ?? null]
  const row: Record<string, unknown> = { cells: [object.metadata.name ?? '', ...cells] }
  if (include === 'Metadata') row['object'] = partialMetadata(object)
  else if (include === 'Object') row['object'] = shown
  else row['object'] = null
  return row
}

/** A whole table. */
export function table(
  columns: readonly Record<string, unknown>[],
  rows: readonly Record<string, unknown>[],
  metadata: Record<string, unknown>,
): Record<string, unknown> {
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: columns, rows }
}
