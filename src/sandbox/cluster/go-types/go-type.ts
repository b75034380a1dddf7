import { goTypes } from './go-types.generated.ts'

/** A Go type as the API sources declare it, as far as its JSON and protobuf forms depend on it. */
export type GoType =
  | { readonly is: 'scalar'; readonly scalar: Scalar; readonly name: string }
  | { readonly is: 'pointer'; readonly to: GoType }
  | { readonly is: 'list'; readonly of: GoType }
  | { readonly is: 'map'; readonly of: GoType }
  | { readonly is: 'struct'; readonly key: string }

/**
 * Letters of the table: s string, b bool, i int32, l int64, d float64, y byte, B bytes; and types with a JSON form of their
 * own: T time, M microtime, D duration, Q quantity, I int-or-string, R raw object, F managed fields, J any JSON.
 */
export type Scalar = 's' | 'b' | 'i' | 'l' | 'd' | 'y' | 'B' | 'T' | 'M' | 'D' | 'Q' | 'I' | 'R' | 'F' | 'J'

export interface GoField {
  /** The key in JSON; '' for a struct whose fields stand in the outer object. */
  readonly json: string
  readonly type: GoType
  /** The number in protobuf; 0 when the field is not sent. */
  readonly number: number
  /** When the field is left out of JSON: `empty` (omitempty), `zero` (omitzero too), `never`. */
  readonly omit: 'empty' | 'zero' | 'never'
}

export interface GoStruct {
  /** `core/v1.Container`. */
  readonly key: string
  /** `Container`. */
  readonly name: string
  readonly fields: readonly GoField[]
}

let lines: Map<string, string> | undefined
const parsed = new Map<string, GoStruct>()

/** A struct by its key, or undefined. Parsed on first use. */
export function goStruct(key: string): GoStruct | undefined {
  const known = parsed.get(key)
  if (known) return known
  lines ??= new Map(
    goTypes.split('\n').map(line => [line.slice(0, line.indexOf('|') < 0 ? line.length : line.indexOf('|')), line]),
  )
  const line = lines.get(key)
  if (line === undefined) return undefined
  const struct: GoStruct = {
    key,
    name: key.slice(key.indexOf('.') + 1),
    fields: line.split('|').slice(1).map(parseField),
  }
  parsed.set(key, struct)
  return struct
}

/** The key of a served kind: its group's Go package, version and kind. */
export function goKey(group: string, version: string, kind: string): string {
  return `${packages[group] ?? group.split('.', 1)[0]}/${version}.${kind}`
}

const packages: Readonly<Record<string, string>> = { '': 'core', 'rbac.authorization.k8s.io': 'rbac' }

/** A type as Go's error messages print it: `int32`, `[]v1.Container`, `map[string]string`. */
export function goTypeName(type: GoType): string {
  switch (type.is) {
    case 'pointer':
      return goTypeName(type.to)
    case 'list':
      return `[]${goTypeName(type.of)}`
    case 'map':
      return `map[string]${goTypeName(type.of)}`
    case 'struct':
      return type.key.slice(type.key.indexOf('/') + 1)
    case 'scalar':
      return type.name !== '' ? `v1.${type.name}` : scalarNames[type.scalar]
  }
}

const scalarNames: Readonly<Record<Scalar, string>> = {
  s: 'string',
  b: 'bool',
  i: 'int32',
  l: 'int64',
  d: 'float64',
  y: 'uint8',
  B: '[]uint8',
  T: 'v1.Time',
  M: 'v1.MicroTime',
  D: 'v1.Duration',
  Q: 'resource.Quantity',
  I: 'intstr.IntOrString',
  R: 'runtime.RawExtension',
  F: 'v1.FieldsV1',
  J: 'interface {}',
}

function parseField(text: string): GoField {
  const [json = '', type = '', tail = ''] = text.split(':')
  return {
    json,
    type: parseType(type),
    number: Number.parseInt(tail, 10),
    omit: tail.endsWith('!') ? 'never' : tail.endsWith('z') ? 'zero' : 'empty',
  }
}

function parseType(text: string): GoType {
  const rest = text.slice(1)
  switch (text[0]) {
    case '*':
      return { is: 'pointer', to: parseType(rest) }
    case '[':
      return { is: 'list', of: parseType(rest) }
    case '{':
      return { is: 'map', of: parseType(rest) }
    case '#':
      return { is: 'struct', key: rest }
    default:
      return { is: 'scalar', scalar: text[0] as Scalar, name: rest }
  }
}
