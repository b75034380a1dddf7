import { isMap, type Path, type Values } from './tree.ts'

/** What a field of the form is. */
export type Kind = 'group' | 'text' | 'number' | 'switch' | 'choice' | 'list' | 'map' | 'secret' | 'any'

/** One place in the values, as the form shows it; made of the chart's JSON schema (draft 7), or of its defaults. */
export interface Shape {
  readonly kind: Kind
  readonly title: string
  /** '' when the schema says nothing. Somebody's text. */
  readonly description: string
  readonly required: boolean
  /** `number`: no fractions. */
  readonly whole?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  /** `choice`: what can be chosen, as the values that they are. */
  readonly choices?: readonly unknown[]
  /** `text`: numbers and booleans may stand here too. */
  readonly mixed?: boolean
  /** `group`: its fields in their order. */
  readonly fields?: readonly Field[]
  /** `list` and `map`: what each item is. */
  readonly item?: Shape
}

export interface Field {
  readonly name: string
  readonly shape: Shape
}

/** Schemas refer to themselves; a form ends somewhere. */
const deepest = 8
const mostFields = 400

type Schema = Readonly<Record<string, unknown>>
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 2_000) : undefined)
const count = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** `maxReplicas` → `Max replicas`. */
export function titleOf(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[-_.]+/g, ' ')
    .trim()
  if (words === '') return name
  return words
    .split(' ')
    .map((word, at) =>
      /^[A-Z\d]+$/.test(word) ? word : at === 0 ? word[0]!.toUpperCase() + word.slice(1) : word.toLowerCase(),
    )
    .join(' ')
}

/**
 * The form of a chart. Values that the schema does not name are shown too, by what they are: nothing that is set is hidden.
 * Without a schema the defaults tell it.
 */
export function shapeOf(schema: unknown, values: Values): Shape {
  const root = isMap(schema) ? schema : {}
  const budget = { left: mostFields }
  const shape = read(root, { root, name: '', value: values, required: true, depth: 0, budget })
  return shape.kind === 'group' ? shape : { ...shape, kind: 'group', fields: [] }
}

interface At {
  readonly root: Schema
  readonly name: string
  readonly value: unknown
  readonly required: boolean
  readonly depth: number
  readonly budget: { left: number }
}

function read(given: unknown, at: At): Shape {
  at.budget.left -= 1
  const schema = resolve(given, at.root)
  const known = Object.keys(schema).length > 0
  const types = typesOf(schema, at.value)
  const shape = {
    title: text(schema['title']) ?? titleOf(at.name),
    description: text(schema['description']) ?? '',
    required: at.required,
  }
  const choices = Array.isArray(schema['enum'])
    ? schema['enum'].slice(0, 200)
    : 'const' in schema
      ? [schema['const']]
      : undefined
  if (choices?.every(c => c === null || typeof c !== 'object')) return { ...shape, kind: 'choice', choices }
  if (schema['format'] === 'password') return { ...shape, kind: 'secret' }
  const plain = types.filter(type => type !== 'null')
  const only = plain.length === 1 ? plain[0] : undefined
  if (only === 'boolean') return { ...shape, kind: 'switch' }
  if (
    only === 'integer' ||
    only === 'number' ||
    (plain.length === 2 && plain.every(t => t === 'integer' || t === 'number'))
  ) {
    const [minimum, maximum] = [count(schema['minimum']), count(schema['maximum'])]
    return {
      ...shape,
      kind: 'number',
      whole: only === 'integer',
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
    }
  }
  if (only === 'string') {
    const pattern = text(schema['pattern'])
    return { ...shape, kind: 'text', ...(pattern === undefined ? {} : { pattern }) }
  }
  if (plain.length > 0 && plain.every(t => ['string', 'number', 'integer', 'boolean'].includes(t))) {
    return { ...shape, kind: 'text', mixed: true }
  }
  if (at.depth >= deepest || at.budget.left <= 0) return { ...shape, kind: 'any' }
  const inner = { root: at.root, required: true, depth: at.depth + 1, budget: at.budget }
  if (only === 'array') {
    const first = Array.isArray(at.value) ? at.value[0] : undefined
    const items = Array.isArray(schema['items']) ? schema['items'][0] : schema['items']
    if (items === undefined && first === undefined) return { ...shape, kind: 'any' }
    const item = read(items ?? {}, { ...inner, name: 'item', value: first })
    return ['text', 'number', 'choice', 'switch'].includes(item.kind) ||
      (item.kind === 'group' && item.fields!.length > 0)
      ? { ...shape, kind: 'list', item }
      : { ...shape, kind: 'any' }
  }
  if (only === 'object') return readObject(schema, shape, at, inner, known)
  return { ...shape, kind: 'any' }
}

function readObject(
  schema: Schema,
  shape: Pick<Shape, 'title' | 'description' | 'required'>,
  at: At,
  inner: Omit<At, 'name' | 'value'>,
  known: boolean,
): Shape {
  const properties = isMap(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const values = isMap(at.value) ? at.value : {}
  const more = schema['additionalProperties']
  const names = Object.keys(properties)
  if (names.length === 0 && (isMap(more) || (known && Object.keys(values).length === 0))) {
    const item = isMap(more) ? read(more, { ...inner, name: 'value', value: undefined }) : undefined
    if (item !== undefined && ['text', 'number', 'choice', 'switch', 'secret'].includes(item.kind))
      return { ...shape, kind: 'map', item }
    return { ...shape, kind: 'any' }
  }
  const rest = Object.keys(values).filter(name => !Object.hasOwn(properties, name))
  if (names.length === 0 && rest.length === 0) return { ...shape, kind: 'any' }
  const fields: Field[] = []
  for (const name of [...names, ...rest]) {
    if (at.budget.left <= 0) break
    const given = Object.hasOwn(properties, name) ? properties[name] : isMap(more) ? more : {}
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    fields.push({ name, shape: read(given, { ...inner, name, value, required: required.includes(name) }) })
  }
  return { ...shape, kind: 'group', fields }
}

/** Follows `$ref` within the document, and reads `allOf` as one; others' documents are not fetched. */
function resolve(given: unknown, root: Schema, hops = 0): Schema {
  if (!isMap(given) || hops > 16) return {}
  const ref = given['$ref']
  if (typeof ref === 'string' && ref.startsWith('#')) {
    let at: unknown = root
    for (const part of ref.slice(1).split('/').slice(1)) {
      const key = decodePart(part)
      at = isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined
    }
    const { $ref: _, ...own } = given
    return { ...resolve(at, root, hops + 1), ...own }
  }
  const all = given['allOf']
  if (!Array.isArray(all)) return given
  const parts = all.slice(0, 20).map(part => resolve(part, root, hops + 1))
  const properties = Object.assign(
    {},
    ...[...parts, given].map(part => (isMap(part['properties']) ? part['properties'] : {})),
  )
  return { ...Object.assign({}, ...parts), ...given, ...(Object.keys(properties).length > 0 ? { properties } : {}) }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return part
  }
}

const typeOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return 'array'
  return typeof value
}

function typesOf(schema: Schema, value: unknown): readonly string[] {
  const said = schema['type']
  if (typeof said === 'string') return [said]
  if (Array.isArray(said)) return said.filter(type => typeof type === 'string')
  const ways = schema['oneOf'] ?? schema['anyOf']
  if (Array.isArray(ways)) {
    const types = ways.flatMap(way => (isMap(way) ? [way['type']].flat() : [])).filter(t => typeof t === 'string')
    if (types.length > 0) return [...new Set(types)]
  }
  if (isMap(schema['properties']) || isMap(schema['additionalProperties'])) return ['object']
  if ('items' in schema) return ['array']
  const seen = typeOf(value)
  return seen === undefined ? [] : [seen]
}

/** Whether a field, or one inside it, is found by what is typed into the search. */
export function shapeMatches(field: Field, query: string): boolean {
  const wanted = query.trim().toLowerCase()
  if (wanted === '') return true
  const { shape } = field
  const words = `${field.name} ${shape.title} ${shape.description}`.toLowerCase()
  return (
    wanted.split(/\s+/).every(part => words.includes(part)) || (shape.fields ?? []).some(f => shapeMatches(f, query))
  )
}

/** Whether `path` is one of those that hold secrets; `*` stands for any key. */
export function isSecretPath(secretPaths: readonly (readonly string[])[], path: Path): boolean {
  return secretPaths.some(
    secret => secret.length === path.length && secret.every((key, at) => key === '*' || key === String(path[at])),
  )
}
