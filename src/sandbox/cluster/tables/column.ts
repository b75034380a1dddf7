import { isObject, valueAt } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { TableColumn, TableColumns } from '../kinds/types.ts'
import { age } from './human-duration.ts'

/** A column together with how its cell is made. */
export interface Column extends TableColumn {
  cell(object: KubeObject, now: Date): unknown
}

/** Columns of a kind from a list of columns. */
export function columns(...list: readonly Column[]): TableColumns {
  return {
    definitions: list.map(({ name, type, format, description, priority }) => ({
      name,
      type,
      ...(format === undefined ? {} : { format }),
      ...(description === undefined ? {} : { description }),
      ...(priority === undefined ? {} : { priority }),
    })),
    cells: (object, now) => list.map(column => column.cell(object, now)),
  }
}

/** A column of type string. */
export function text(name: string, cell: Column['cell'], priority = 0): Column {
  return { name, type: 'string', priority, cell }
}

/** A column of type integer: the number at a path, 0 when absent. */
export function count(name: string, path: string): Column {
  return { name, type: 'integer', priority: 0, cell: object => numberAt(object, path) }
}

/** The age of the object, as the builtin kinds show it. */
export const ageColumn: Column = text('Age', (object, now) => age(object.metadata.creationTimestamp, now))

/** The value at a dotted path. */
export function at(object: unknown, path: string): unknown {
  return valueAt(object, path.split('.'))
}

export function stringAt(object: unknown, path: string, otherwise = ''): string {
  const value = at(object, path)
  return typeof value === 'string' && value !== '' ? value : otherwise
}

export function numberAt(object: unknown, path: string): number {
  const value = at(object, path)
  return typeof value === 'number' ? value : 0
}

export function listAt(object: unknown, path: string): Record<string, unknown>[] {
  const value = at(object, path)
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** Labels as `a=b,c=d`, or `<none>`. */
export function labelsText(labels: unknown): string {
  if (!isObject(labels) || Object.keys(labels).length === 0) return '<none>'
  return Object.keys(labels)
    .sort()
    .map(key => `${key}=${String(labels[key])}`)
    .join(',')
}

/** A label selector as kubectl prints it: `a=b,c in (d,e),!f`; `<none>` when it selects nothing in particular. */
export function selectorText(selector: unknown): string {
  if (!isObject(selector)) return '<none>'
  const parts: string[] = []
  const labels = selector['matchLabels']
  if (isObject(labels)) for (const key of Object.keys(labels).sort()) parts.push(`${key}=${String(labels[key])}`)
  const expressions = Array.isArray(selector['matchExpressions']) ? selector['matchExpressions'].filter(isObject) : []
  for (const { key, operator, values } of expressions) {
    const list = Array.isArray(values) ? [...values].sort().join(',') : ''
    if (operator === 'Exists') parts.push(String(key))
    else if (operator === 'DoesNotExist') parts.push(`!${String(key)}`)
    else parts.push(`${String(key)} ${operator === 'In' ? 'in' : 'notin'} (${list})`)
  }
  return parts.length === 0 ? '<none>' : parts.sort().join(',')
}

/** Containers, images and selector of a pod template: the wide columns of workloads. */
export function templateColumns(path: string, selector?: string): Column[] {
  const names = (field: string) => (object: KubeObject) =>
    listAt(object, `${path}.spec.containers`)
      .map(container => container[field])
      .join(',')
  const wide = [text('Containers', names('name'), 1), text('Images', names('image'), 1)]
  if (selector !== undefined) wide.push(text('Selector', object => selectorText(at(object, selector)), 1))
  return wide
}
