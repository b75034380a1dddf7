import { compareBytes, goJson } from './go-json.ts'

/**
 * One step of a path, in the form that `fieldsV1` uses: `f:<field>`, `k:<keys of a list element as JSON>`,
 * `v:<value of a set element as JSON>` or `i:<index>`. The text is canonical: equal steps are equal texts.
 */
export type PathElement = string

/** A path from the object downwards. */
export type FieldPath = readonly PathElement[]

/** The step to a field or map entry. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

/** The step to the element of a set; `value` is a scalar. */
export function valueElement(value: unknown): PathElement {
  return `v:${goJson(value)}`
}

/** The step to the element of a list with keys: pairs of name and value, sorted by name. */
export function keyElement(pairs: readonly (readonly [name: string, value: unknown])[]): PathElement {
  let text = 'k:{'
  for (const [index, [name, value]] of pairs.entries())
    text += `${index === 0 ? '' : ','}${goJson(name)}:${goJson(value)}`
  return `${text}}`
}

/**
 * A step in canonical form. Undefined: a kind of step that this version does not know, which Kubernetes drops
 * silently. Throws a `SyntaxError` for text that is no step at all.
 */
export function parseElement(text: string): PathElement | undefined {
  if (text.length < 2 || text[1] !== ':') throw new SyntaxError(`not a path element: ${text}`)
  switch (text[0]) {
    case 'f':
      return text
    case 'v':
      return valueElement(JSON.parse(text.slice(2)))
    case 'k': {
      const keys: unknown = JSON.parse(text.slice(2))
      if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) throw new SyntaxError(`not a key: ${text}`)
      return keyElement(Object.entries(keys).sort(([a], [b]) => compareBytes(a, b)))
    }
    case 'i': {
      if (!/^[+-]?[0-9]+$/.test(text.slice(2))) throw new SyntaxError(`not an index: ${text}`)
      return `i:${Number(text.slice(2))}`
    }
    default:
      return undefined
  }
}

/** The order of steps in `fieldsV1`: fields by name, then keys, then values, then indexes. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0
  const kind = a.charCodeAt(0)
  if (kind !== b.charCodeAt(0)) return rank[a[0] as keyof typeof rank] - rank[b[0] as keyof typeof rank]
  if (kind === 102 /* f */) return compareBytes(a, b)
  if (kind === 105 /* i */) return Number(a.slice(2)) - Number(b.slice(2))
  const left: unknown = JSON.parse(a.slice(2))
  const right: unknown = JSON.parse(b.slice(2))
  return kind === 107 /* k */ ? compareEntries(left as object, right as object) : compareValues(left, right)
}

const rank = { f: 0, k: 1, v: 2, i: 3 } as const

/** A path as people read it: `.spec.containers[name="app"].args[0]`. */
export function formatPath(path: FieldPath): string {
  return path.map(formatElement).join('')
}

/** A step as people read it: `.spec`, `[name="app"]`, `[="x"]`, `[0]`. */
export function formatElement(element: PathElement): string {
  const rest = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${rest}`
    case 'v':
      return `[=${quoted(JSON.parse(rest))}]`
    case 'k': {
      const keys = Object.entries(JSON.parse(rest) as object)
      return `[${keys.map(([name, value]) => `${name}=${quoted(value)}`).join(',')}]`
    }
    default:
      return `[${rest}]`
  }
}

function quoted(value: unknown): string {
  return JSON.stringify(value)
}

/** A total order of JSON values: numbers, strings, booleans, lists, maps, null. */
export function compareValues(a: unknown, b: unknown): number {
  const kinds = valueRank(a) - valueRank(b)
  if (kinds !== 0) return kinds
  if (typeof a === 'number') return a - (b as number)
  if (typeof a === 'string') return compareBytes(a, b as string)
  if (typeof a === 'boolean') return Number(a) - Number(b)
  if (a === null) return 0
  if (!Array.isArray(a)) return compareEntries(a as object, b as object)
  const right = b as unknown[]
  for (let i = 0; i < a.length && i < right.length; i++) {
    const order = compareValues(a[i], right[i])
    if (order !== 0) return order
  }
  return a.length - right.length
}

function valueRank(value: unknown): number {
  if (typeof value === 'number') return 0
  if (typeof value === 'string') return 1
  if (typeof value === 'boolean') return 2
  if (Array.isArray(value)) return 3
  return value === null ? 5 : 4
}

function compareEntries(a: object, b: object): number {
  const left = Object.entries(a).sort(([x], [y]) => compareBytes(x, y))
  const right = Object.entries(b).sort(([x], [y]) => compareBytes(x, y))
  for (let i = 0; i < left.length && i < right.length; i++) {
    const names = compareBytes(left[i]![0], right[i]![0])
    if (names !== 0) return names
    const values = compareValues(left[i]![1], right[i]![1])
    if (values !== 0) return values
  }
  return left.length - right.length
}
