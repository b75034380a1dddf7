import { compareBytes } from '../fieldset/go-json.ts'

/** A JSON value as Go prints it with `%v`: `map[a:1 b:[x y]]`. Error texts of Kubernetes quote values so. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => compareBytes(a, b))
    return `map[${entries.map(([key, item]) => `${key}:${goValue(item)}`).join(' ')}]`
  }
  return String(value)
}

/** A JSON value as Go prints it with `%#v`: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => compareBytes(a, b))
    return `map[string]interface {}{${entries.map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item)}`).join(', ')}}`
  }
  return String(value)
}

/** The Go type of a JSON value, as `%T` prints it. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}
