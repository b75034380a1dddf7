import { Failure } from './failure.ts'
import type { Scalar, YamlNode } from './yaml/node.ts'
import { boolOf11, floatOf, intOf, isBool11 } from './yaml/resolve.ts'

/**
 * The shape of a Go struct that kustomize decodes JSON into. `text` is a string that also takes numbers and bools,
 * as sigs.k8s.io/yaml does when it knows the target.
 */
export type Shape =
  | 'string'
  | 'text'
  | 'bool'
  | 'int'
  | 'any'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | Struct

/** A struct: its Go name, for messages, and its fields. */
export interface Struct {
  readonly name: string
  readonly fields: Readonly<Record<string, Shape>>
  /** Whether other fields are passed over; otherwise they are an error. */
  readonly open?: boolean
}

/**
 * Decodes YAML as Go's JSON decoder does: nulls leave a field absent, field names match in any letter case, bare
 * `yes` and `on` are bools (YAML 1.1), and wrong types are errors in Go's words.
 */
export function decode(node: YamlNode, shape: Shape, options: DecodeOptions = {}): unknown {
  return value(node, shape, '', options.printed !== true)
}

/** How {@link decode} reads. */
export interface DecodeOptions {
  /** Whether the tree is one that kustomize prints before it decodes: `yes` has got quotes by then. */
  readonly printed?: boolean
}

function value(node: YamlNode, shape: Shape, path: string, words: boolean): unknown {
  if (node.kind === 'scalar' && node.tag === 'null') return undefined
  if (shape === 'any') return jsonOf(node)
  if (typeof shape === 'string') return scalarValue(node, shape, path, words)
  if ('list' in shape) {
    if (node.kind !== 'sequence') throw mismatch(node, path, `[]${goType(shape.list)}`)
    return node.items.map(item => value(item, shape.list, path, words) ?? zero(shape.list))
  }
  if (node.kind !== 'mapping')
    throw mismatch(node, path, 'map' in shape ? `map[string]${goType(shape.map)}` : `types.${shape.name}`)
  if ('map' in shape) {
    // Keys are the user's: `__proto__` is one like any other.
    const result: Record<string, unknown> = Object.create(null)
    for (const [key, item] of node.fields) result[key] = value(item, shape.map, path, words) ?? zero(shape.map)
    return result
  }
  const result: Record<string, unknown> = {}
  for (const [key, item] of node.fields) {
    const field = fieldOf(shape, key)
    if (field === undefined) {
      if (shape.open === true) continue
      throw new Failure(`json: unknown field "${key}"`, 'E_KUSTOMIZE_FILE')
    }
    const decoded = value(
      item,
      shape.fields[field]!,
      `${shape.name}.${path === '' ? '' : `${path.slice(path.indexOf('.') + 1)}.`}${field}`,
      words,
    )
    if (decoded !== undefined) result[field] = decoded
  }
  return result
}

function fieldOf(shape: Struct, key: string): string | undefined {
  if (Object.hasOwn(shape.fields, key)) return key
  const folded = key.toLowerCase()
  return Object.keys(shape.fields).find(field => field.toLowerCase() === folded)
}

function zero(shape: Shape): unknown {
  if (shape === 'string' || shape === 'text') return ''
  if (shape === 'bool') return false
  if (shape === 'int') return 0
  return typeof shape === 'object' && 'list' in shape ? [] : shape === 'any' ? null : {}
}

function scalarValue(node: YamlNode, shape: 'string' | 'text' | 'bool' | 'int', path: string, words: boolean): unknown {
  if (node.kind !== 'scalar') throw mismatch(node, path, goType(shape))
  const type = words || node.tag !== 'str' ? type11(node) : 'string'
  if (shape === 'string' || shape === 'text') {
    if (type === 'string') return node.value
    if (shape === 'text') return type === 'bool' ? String(boolOf11(node.value)) : node.value
    throw mismatch(node, path, 'string')
  }
  if (shape === 'bool') {
    if (type === 'bool') return boolOf11(node.value)
    throw mismatch(node, path, 'bool')
  }
  const number = node.tag === 'int' ? intOf(node.value.replaceAll('_', '')) : undefined
  if (number === undefined) throw mismatch(node, path, 'int')
  return Number(number)
}

/** What a scalar is for go-yaml v2, by JSON's names. */
function type11(node: Scalar): 'string' | 'bool' | 'number' | 'null' {
  if (node.tag === 'null') return 'null'
  if (node.tag === 'bool' || (node.plain && node.tag === 'str' && isBool11(node.value))) return 'bool'
  return node.tag === 'int' || node.tag === 'float' ? 'number' : 'string'
}

function mismatch(node: YamlNode, path: string, wanted: string): Failure {
  const seen = node.kind === 'scalar' ? type11(node) : node.kind === 'mapping' ? 'object' : 'array'
  const where = path === '' ? `value of type ${wanted}` : `struct field ${path} of type ${wanted}`
  return new Failure(`json: cannot unmarshal ${seen} into Go ${where}`, 'E_KUSTOMIZE_FILE')
}

function goType(shape: Shape): string {
  if (shape === 'text') return 'string'
  if (typeof shape === 'string') return shape
  if ('list' in shape) return `[]${goType(shape.list)}`
  return 'map' in shape ? `map[string]${goType(shape.map)}` : `types.${shape.name}`
}

/** A tree as plain JSON values, by YAML 1.1's words. */
export function jsonOf(node: YamlNode): unknown {
  if (node.kind === 'sequence') return node.items.map(jsonOf)
  if (node.kind === 'mapping') return Object.fromEntries([...node.fields].map(([key, item]) => [key, jsonOf(item)]))
  switch (type11(node)) {
    case 'null':
      return null
    case 'bool':
      return boolOf11(node.value)
    case 'number':
      return node.tag === 'int' ? Number(intOf(node.value.replaceAll('_', '')) ?? 0) : floatOf(node)
    default:
      return node.value
  }
}
