import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { indexOfStep, type YamlPath } from './edit-path.ts'
import { flowText, replaceScalar } from './edit-scalar.ts'
import { colonOf, isBlock, isEmpty, itemStart, keyStart, pairOf, plainValue, rangeOf, readTree } from './edit-tree.ts'
import { stringifyYaml } from './stringify.ts'

/** The text after a change, or why it was not made. */
export interface Spliced {
  readonly text: string
  readonly problem?: string
}

/** Sets one place of one document. The caller checks the result by reading it. */
export function spliceSet(text: string, path: YamlPath, value: unknown): Spliced {
  const found = walk(text, path)
  if (found.problem !== undefined) return { text, problem: found.problem }
  const { parent, rest, node } = found
  if (rest.length === 0 && node !== undefined) return replaceNode(text, parent, node, value)
  // What is missing on the way becomes part of the new value.
  const [step, ...deeper] = rest
  const made = deeper.reduceRight<unknown>(
    (inner, key) => (key === '-' || key === 0 ? [inner] : { [String(key)]: inner }),
    value,
  )
  if (isMap(node) && typeof step === 'string') return addKey(text, parent, node, step, made)
  if (isSeq(node)) return addItem(text, parent, node, made)
  // `key:` with nothing behind it, or null.
  if (node !== undefined)
    return replaceNode(text, parent, node, step === '-' || step === 0 ? [made] : { [String(step)]: made })
  return { text, problem: 'there is nothing that the value could be added to' }
}

/** Removes one place of one document. */
export function spliceRemove(text: string, path: YamlPath): Spliced {
  const found = walk(text, path)
  if (found.problem !== undefined) return { text, problem: found.problem }
  const { parent, rest } = found
  if (rest.length > 0) return { text }
  if (!parent) return { text, problem: 'a whole document cannot be removed' }
  const { items } = parent.in as YAMLMap | YAMLSeq
  if (items.length === 1) return replaceNode(text, parent.up, parent.in, isSeq(parent.in) ? [] : {})
  if (!isBlock(parent.in)) return removeFlow(text, parent)
  const at = parent.index
  const starts = isSeq(parent.in)
    ? items.map((_, i) => itemStart(parent.in as YAMLSeq, i))
    : (items as Pair[]).map(keyStart)
  const start = starts[at] as number
  const end = ownEnd(parent.in, at)
  if (isLineStart(text, start)) return { text: text.slice(0, lineStart(text, start)) + text.slice(lineEnd(text, end)) }
  // The first key of a list item stands behind the dash: the next key moves there.
  const next = starts[at + 1]
  if (next === undefined || text.slice(lineEnd(text, end), next).trim() !== '') {
    return { text, problem: 'a comment stands between it and the next key' }
  }
  return { text: text.slice(0, start) + text.slice(next) }
}

/** Where a node hangs: in which collection, at which position, and where that one hangs. */
interface Place {
  readonly in: Node
  readonly index: number
  readonly up: Place | undefined
}

interface Found {
  readonly node: Node | undefined
  readonly parent: Place | undefined
  /** The steps that lead to something that is not there. */
  readonly rest: YamlPath
  readonly problem?: undefined
}

function walk(text: string, path: YamlPath): Found | { readonly problem: string } {
  let node = readTree(text)
  let parent: Place | undefined
  for (const [i, step] of path.entries()) {
    if (isAlias(node)) return { problem: 'the value comes from an alias' }
    let index = -1
    if (isMap(node) && typeof step === 'string') {
      const pair = pairOf(node, step)
      index = pair ? node.items.indexOf(pair) : -1
    } else if (isSeq(node)) {
      index = indexOfStep(step, node.items.map(plainFields))
      if (index < 0) return { problem: 'the list has no such item' }
      if (index === node.items.length) index = -1
    }
    if (index < 0) return { node, parent, rest: path.slice(i) }
    parent = { in: node as Node, index, up: parent }
    node = isSeq(node) ? (node.items[index] as Node) : (((node as YAMLMap).items[index] as Pair).value as Node)
  }
  if (isAlias(node)) return { problem: 'the value comes from an alias' }
  return { node, parent, rest: [] }
}

/** The scalar fields of a list item with the values that the dialect gives them, to select by. */
function plainFields(item: unknown): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  if (!isMap(item)) return fields
  for (const pair of item.items as Pair[]) {
    if (!isScalar(pair.key) || !isScalar(pair.value)) continue
    fields[String(plainValue(pair.key))] = plainValue(pair.value)
  }
  return fields
}

function replaceNode(text: string, place: Place | undefined, node: Node, value: unknown): Spliced {
  if (!place) return { text, problem: 'the root of a document cannot be replaced' }
  const scalar = typeof value !== 'object' || value === null
  if (isScalar(node) && scalar && !isEmpty(node))
    return { text: replaceScalar(text, node, value, isBlock(place.in), columnOf(text, place)) }
  if (!isBlock(place.in)) {
    const { start, end } = rangeOf(node)
    return { text: text.slice(0, start) + flowText(value) + text.slice(end) }
  }
  return isSeq(place.in) ? replaceItem(text, place.in, place.index, value) : replacePair(text, place, value)
}

function replacePair(text: string, place: Place, value: unknown): Spliced {
  const pair = (place.in as YAMLMap).items[place.index] as Pair
  const colon = colonOf(pair)
  if (text[colon] !== ':') return { text, problem: 'the key is written in the long form (?)' }
  const written = indented(text, stringifyYaml({ k: value }), columnOf(text, place))
    .trimStart()
    .slice(2)
  const empty = isEmpty(pair.value as Node | null)
  if (empty && !written.trimEnd().includes('\n')) {
    return { text: text.slice(0, colon + 1) + written.trimEnd() + text.slice(colon + 1) }
  }
  const from = colon + 1
  // A comment behind the key stays there when lines are to follow.
  const line = text.slice(from, lineEnd(text, from))
  const comment = written.startsWith('\n') || written.startsWith('\r') ? (/^[ \t]+#[^\r\n]*/.exec(line)?.[0] ?? '') : ''
  const to = lineEnd(text, empty ? from : rangeOf(pair.value as Node).end)
  return { text: text.slice(0, from) + comment + written + text.slice(to) }
}

function replaceItem(text: string, list: YAMLSeq, index: number, value: unknown): Spliced {
  const start = itemStart(list, index)
  const written = indented(text, stringifyYaml([value]), columnAt(text, start)).trimStart()
  return { text: text.slice(0, start) + written + text.slice(lineEnd(text, ownEnd(list, index))) }
}

function addKey(text: string, place: Place | undefined, map: YAMLMap, key: string, value: unknown): Spliced {
  if (map.items.length === 0 && place) return replaceNode(text, place, map, { [key]: value })
  const last = map.items.length - 1
  if (!isBlock(map)) return addFlow(text, map, `${flowText(key)}: ${flowText(value)}`)
  const column = columnAt(text, keyStart(map.items[last] as Pair))
  return insertLines(text, ownEnd(map, last), indented(text, stringifyYaml({ [key]: value }), column))
}

function addItem(text: string, place: Place | undefined, list: YAMLSeq, value: unknown): Spliced {
  if (list.items.length === 0) return replaceNode(text, place, list, [value])
  if (!isBlock(list)) return addFlow(text, list, flowText(value))
  const last = list.items.length - 1
  const column = columnAt(text, itemStart(list, last))
  return insertLines(text, ownEnd(list, last), indented(text, stringifyYaml([value]), column))
}

function addFlow(text: string, collection: YAMLMap | YAMLSeq, written: string): Spliced {
  const close = rangeOf(collection).end - 1
  const last: unknown = collection.items[collection.items.length - 1]
  if (last === undefined) return { text: `${text.slice(0, close).trimEnd()}${written}${text.slice(close)}` }
  const value = isSeq(collection) ? (last as Node) : ((last as Pair).value as Node | null)
  const at = value && !isEmpty(value) ? rangeOf(value).end : colonOf(last as Pair) + 1
  return { text: `${text.slice(0, at)}, ${written}${text.slice(at)}` }
}

function removeFlow(text: string, { in: collection, index }: Place): Spliced {
  const { items } = collection as YAMLMap | YAMLSeq
  const startOf = (i: number) => (isSeq(collection) ? rangeOf(items[i] as Node).start : keyStart(items[i] as Pair))
  const endOf = (i: number) => {
    const value = isSeq(collection) ? (items[i] as Node) : ((items[i] as Pair).value as Node | null)
    return value && !isEmpty(value) ? rangeOf(value).end : colonOf(items[i] as Pair) + 1
  }
  return index + 1 < items.length
    ? { text: text.slice(0, startOf(index)) + text.slice(startOf(index + 1)) }
    : { text: text.slice(0, endOf(index - 1)) + text.slice(endOf(index)) }
}

/** The end of the last character that belongs to the entry at a position. */
function ownEnd(collection: Node, index: number): number {
  if (isSeq(collection)) {
    const item = collection.items[index] as Node
    return isEmpty(item) ? itemStart(collection, index) + 1 : rangeOf(item).end
  }
  const pair = (collection as YAMLMap).items[index] as Pair
  const value = pair.value as Node | null
  return isEmpty(value) ? colonOf(pair) + 1 : rangeOf(value as Node).end
}

function insertLines(text: string, after: number, lines: string): Spliced {
  const at = lineEnd(text, after)
  const gap = at > 0 && text[at - 1] !== '\n' ? eolOf(text) : ''
  // A file without a line break at its end keeps that.
  const written = gap === '' ? lines : lines.replace(/\r?\n$/, '')
  return { text: text.slice(0, at) + gap + written + text.slice(at) }
}

function indented(text: string, lines: string, column: number): string {
  const pad = ' '.repeat(column)
  return lines.replace(/^(?=[^\n])/gm, pad).replaceAll('\n', eolOf(text))
}

function eolOf(text: string): string {
  return /\r\n/.test(text) ? '\r\n' : '\n'
}

function columnOf(text: string, place: Place): number {
  return columnAt(
    text,
    isSeq(place.in) ? itemStart(place.in, place.index) : keyStart((place.in as YAMLMap).items[place.index] as Pair),
  )
}

function columnAt(text: string, offset: number): number {
  return offset - lineStart(text, offset)
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** The start of the next line; the same place when it is one already. */
function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset
  const eol = text.indexOf('\n', offset)
  return eol < 0 ? text.length : eol + 1
}

function isLineStart(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === ''
}
