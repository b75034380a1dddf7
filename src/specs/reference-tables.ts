import { isObject } from '../base/json.ts'
import type { Schema } from '../kube/schema/types.ts'

/** Rules with what each wants. */
export function ruleTable(rules: readonly { name: string; says: string }[]): string {
  return table(
    ['rule', 'what must hold'],
    rules.map(rule => [`\`${rule.name}\``, rule.says]),
  )
}

/** All fields of a schema, depth first, under a path ('' for the root). */
export function fieldRows(schema: Schema, path: string, rows: string[][] = []): string[][] {
  for (const [name, field] of Object.entries(schema.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const here = `${path === '' ? '' : `${path}.`}${name}${field.type === 'array' ? '[]' : ''}`
    rows.push([
      `\`${here}\``,
      typeOf(field),
      schema.required?.includes(name) ? 'yes' : '',
      field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``,
      field.description ?? '',
    ])
    fieldRows(field.items ?? field, here, rows)
  }
  return rows
}

function typeOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'integer or text'
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  if (schema.enum !== undefined) return schema.enum.map(value => `\`${String(value)}\``).join(', ')
  if (isObject(schema.additionalProperties)) return 'map'
  return schema.type === 'string' ? 'text' : schema.type === 'boolean' ? 'true or false' : (schema.type ?? 'any')
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
