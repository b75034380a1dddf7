import { isObject } from '../../../base/json.ts'
import { findJsonPath, type JsonPath, parseJsonPath, printJsonPathValue } from '../../../kube/json-path/index.ts'
import type { TableColumn, TableColumns } from '../kinds/types.ts'
import { age } from './human-duration.ts'

/**
 * The columns of a custom kind, from `additionalPrinterColumns` of one version. Values that are not there, or not of the
 * column's type, are null; undefined when the version has no columns.
 */
export function customColumns(additionalPrinterColumns: unknown): TableColumns | undefined {
  if (!Array.isArray(additionalPrinterColumns) || additionalPrinterColumns.length === 0) return undefined
  const parsed = additionalPrinterColumns.filter(isObject).map(column => {
    const result = parseJsonPath(String(column['jsonPath'] ?? ''))
    const definition: TableColumn = {
      name: String(column['name'] ?? ''),
      type: columnType(column['type']),
      format: typeof column['format'] === 'string' ? column['format'] : '',
      description: description(column),
      priority: typeof column['priority'] === 'number' ? column['priority'] : 0,
    }
    return { definition, path: 'path' in result ? result.path : undefined }
  })
  return {
    definitions: parsed.map(column => column.definition),
    cells: (object, now) => parsed.map(({ definition, path }) => cell(definition, path, object, now)),
  }
}

function columnType(type: unknown): TableColumn['type'] {
  return type === 'integer' || type === 'number' || type === 'boolean' || type === 'date' ? type : 'string'
}

function description(column: Record<string, unknown>): string {
  const given = column['description']
  if (typeof given === 'string' && given !== '') return given
  return `Custom resource definition column (in JSONPath format): ${String(column['jsonPath'] ?? '')}`
}

function cell(definition: TableColumn, path: JsonPath | undefined, object: unknown, now: Date): unknown {
  const value = path === undefined ? undefined : findJsonPath(path, object)[0]
  if (value === undefined || value === null) return null
  switch (definition.type) {
    case 'string':
      return printJsonPathValue(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? dateCell(value, now) : null
  }
}

function dateCell(text: string, now: Date): string {
  return Number.isNaN(Date.parse(text)) ? '<invalid>' : age(text, now)
}
