import { isMap, isNode, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { isObject, jsonEqual } from '../base/json.ts'
import { parseYamlStream, stringifyYaml } from '../kube/yaml/index.ts'

/** A change of a text: `text` in the place of what stands from `start` to `end`. */
interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The text of a YAML document with another value, changed in as few places as possible, so that comments, order and
 * quoting stay as their author wrote them. A text that already has the value comes back as it is. When the change has
 * no small form the whole document is written anew.
 *
 * @example
 * editDocument('a: 1 # one\nb: 2\n', { a: 3, b: 2 }) // 'a: 3 # one\nb: 2\n'
 */
export function editDocument(text: string, target: Record<string, unknown>): string {
  const before = parseYamlStream(text)[0]?.value
  if (sameValue(before, target)) return text
  const splices: Splice[] = []
  const root = parseDocument(text).contents
  if (new Editor(text, splices).edit(root as Node | null, before, target)) {
    const edited = splices
      .sort((a, b) => b.start - a.start)
      .reduce((out, { start, end, text: part }) => out.slice(0, start) + part + out.slice(end), text)
    if (sameValue(readBack(edited), target)) return edited
  }
  return stringifyYaml(target)
}

function readBack(text: string): unknown {
  try {
    return parseYamlStream(text)[0]?.value
  } catch {
    return undefined
  }
}

/** Equality that takes a null for an absent field, as the API server does. */
function sameValue(a: unknown, b: unknown): boolean {
  return jsonEqual(withoutNulls(a), withoutNulls(b))
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [key, withoutNulls(item)]),
  )
}

class Editor {
  readonly #text: string
  readonly #splices: Splice[]
  readonly #eol: string

  constructor(text: string, splices: Splice[]) {
    this.#text = text
    this.#splices = splices
    this.#eol = text.includes('\r\n') ? '\r\n' : '\n'
  }

  /** Collects the splices that make a node's value another one; false when there is no small form. */
  edit(node: Node | null | undefined, before: unknown, after: unknown): boolean {
    if (sameValue(before, after)) return true
    if (isMap(node) && isObject(before) && isObject(after)) return this.#map(node, before, after)
    if (isSeq(node) && Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
      return after.every((item, i) => this.edit(node.items[i] as Node, before[i], item))
    }
    if (!isScalar(node) || typeof after === 'object' || after === undefined || !node.range) return false
    const [start, end] = node.range
    if (start === end || this.#text.slice(start, end).includes('\n')) return false
    this.#splices.push({ start, end, text: stringifyYaml(after).trimEnd() })
    return true
  }

  #map(map: YAMLMap, before: Record<string, unknown>, after: Record<string, unknown>): boolean {
    const pairs = map.items.filter((pair): pair is Pair<Node, Node | null> => isScalar(pair.key))
    const pairOf = (key: string) => pairs.find(pair => isScalar(pair.key) && String(pair.key.value) === key)
    const present = (value: unknown): boolean => value !== undefined && value !== null
    const added = Object.keys(after).filter(key => present(after[key]) && !present(before[key]))
    const removed = Object.keys(before).filter(key => present(before[key]) && !present(after[key]))
    for (const key of Object.keys(after)) {
      if (!present(before[key]) || !present(after[key])) continue
      if (!this.edit(pairOf(key)?.value, before[key], after[key])) return false
    }
    // A key that stands there with a null gets its value in place.
    if (added.some(key => pairOf(key) !== undefined)) return false
    if (removed.length > 0 && map.flow) return false
    const [gone] = removed
    const [come] = added
    if (removed.length === 1 && added.length === 1 && gone !== undefined && come !== undefined) {
      return this.#replacePair(pairOf(gone), come, after[come])
    }
    if (!removed.every(key => this.#remove(map, pairOf(key)))) return false
    return added.length === 0 || this.#insert(map, pairs, removed, added, after)
  }

  #replacePair(pair: Pair<Node, Node | null> | undefined, key: string, value: unknown): boolean {
    const start = pair?.key.range?.[0]
    const end = pair?.value?.range?.[1]
    if (start === undefined || end === undefined) return false
    this.#splices.push({ start, end, text: this.#pairText(key, value, this.#column(start)) })
    return true
  }

  #remove(map: YAMLMap, pair: Pair<Node, Node | null> | undefined): boolean {
    const key = pair?.key.range?.[0]
    const valueEnd = pair?.value?.range?.[1] ?? pair?.key.range?.[1]
    if (pair === undefined || key === undefined || valueEnd === undefined || map.items.length < 2) return false
    const lineStart = this.#text.lastIndexOf('\n', key - 1) + 1
    // The first key of a list item shares its line with the dash.
    if (this.#text.slice(lineStart, key).trim() !== '') return false
    const newline = this.#text.indexOf('\n', Math.max(valueEnd - 1, 0))
    this.#splices.push({ start: lineStart, end: newline < 0 ? this.#text.length : newline + 1, text: '' })
    return true
  }

  #insert(
    map: YAMLMap,
    pairs: readonly Pair<Node, Node | null>[],
    removed: readonly string[],
    added: readonly string[],
    after: Record<string, unknown>,
  ): boolean {
    if (map.flow) {
      const at = map.range?.[0]
      if (at === undefined) return false
      const items = added.map(key => `${key}: ${JSON.stringify(after[key])}`).join(', ')
      this.#splices.push({ start: at + 1, end: at + 1, text: pairs.length > 0 ? `${items}, ` : items })
      return true
    }
    const first = pairs[0]?.key.range?.[0]
    if (first === undefined) return false
    const indent = this.#column(first)
    const texts = added.map(key => this.#pairText(key, after[key], indent))
    const pad = this.#eol + ' '.repeat(indent)
    const anchors = pairs.filter(({ key, value }) => {
      if (!isScalar(key) || removed.includes(String(key.value))) return false
      return isNode(value) && !!value.range && value.range[0] < value.range[1] && this.#isOneLine(key, value)
    })
    const anchor = anchors.find(({ key }) => isScalar(key) && key.value === 'name') ?? anchors.at(-1)
    const end = anchor?.value?.range?.[1]
    if (end === undefined) {
      this.#splices.push({ start: first, end: first, text: texts.map(text => text + pad).join('') })
      return true
    }
    const newline = this.#text.indexOf('\n', end)
    let at = newline < 0 ? this.#text.length : newline
    if (this.#text[at - 1] === '\r') at--
    this.#splices.push({ start: at, end: at, text: texts.map(text => pad + text).join('') })
    return true
  }

  #isOneLine(key: Node, value: Node): boolean {
    const [start, end] = [key.range?.[0] ?? 0, value.range?.[1] ?? 0]
    return (
      (isScalar(value) || ((isMap(value) || isSeq(value)) && value.flow === true)) &&
      !this.#text.slice(start, end).includes('\n')
    )
  }

  /** A key and its value, for a place whose first column is `indent`. */
  #pairText(key: string, value: unknown, indent: number): string {
    const pad = this.#eol + ' '.repeat(indent)
    return stringifyYaml({ [key]: value })
      .trimEnd()
      .split('\n')
      .join(pad)
  }

  #column(offset: number): number {
    return offset - (this.#text.lastIndexOf('\n', offset - 1) + 1)
  }
}
