import {
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { resolvePlain } from './dialect.ts'

// `yaml` is used for one thing: where in the text each key and value stands. What values mean is the dialect's business.

/** The root node of one document with positions, or undefined when it is empty or not readable. */
export function readTree(text: string): Node | undefined {
  const document = parseDocument(text, { schema: 'failsafe', keepSourceTokens: true, uniqueKeys: false })
  return document.errors.length === 0 && document.contents ? (document.contents as Node) : undefined
}

/** Start and end of a node in the text; the end is behind its last own character, before blanks and comments. */
export function rangeOf(node: Node): { start: number; end: number } {
  const [start, end] = node.range ?? [0, 0]
  return { start, end: isBlock(node) ? lastEnd(node) : end }
}

/** Whether a node is a mapping or list in block style (by indentation, without brackets). */
export function isBlock(node: Node | null): node is YAMLMap | YAMLSeq {
  return (isMap(node) || isSeq(node)) && node.flow !== true
}

function lastEnd(node: YAMLMap | YAMLSeq): number {
  const last: unknown = node.items[node.items.length - 1]
  const [start = 0, end = 0] = node.range ?? []
  if (last === undefined) return end
  if (isSeq(node)) return isEmpty(last as Node) ? itemStart(node, node.items.length - 1) + 1 : rangeOf(last as Node).end
  const pair = last as Pair
  return isEmpty(pair.value as Node | null)
    ? colonOf(pair) + 1
    : rangeOf((pair.value as Node) ?? { range: [start, start] }).end
}

/** Whether a value has no character of its own: `key:`. */
export function isEmpty(node: Node | null | undefined): boolean {
  if (!node) return true
  return isScalar(node) && node.range !== undefined && node.range !== null && node.range[0] === node.range[1]
}

/** The pair of a mapping with a key, as the dialect reads keys: a bare `on` is the key `true`. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return (map.items as Pair[]).find(({ key: node }) => isScalar(node) && String(plainValue(node)) === key)
}

/** What the dialect reads a scalar as. */
export function plainValue(node: Scalar): unknown {
  const text = String(node.value)
  const resolved = node.type === 'PLAIN' ? resolvePlain(text) : undefined
  return resolved === undefined ? text : resolved
}

/** Where the key of a pair starts. */
export function keyStart(pair: Pair): number {
  return (pair.key as Node).range?.[0] ?? 0
}

interface Token {
  readonly type: string
  readonly offset: number
}

/** The offset of a pair's colon; behind the key when it has none (`? key`). */
export function colonOf(pair: Pair): number {
  const tokens = (pair as { srcToken?: { sep?: readonly Token[] } }).srcToken?.sep ?? []
  const colon = tokens.find(token => token.type === 'map-value-ind')
  return colon ? colon.offset : ((pair.key as Node).range?.[1] ?? 0)
}

/** The offset of the dash of an item in a block list. */
export function itemStart(list: YAMLSeq, index: number): number {
  const token = list.srcToken as { items?: readonly { start: readonly Token[] }[] } | undefined
  const dash = token?.items?.[index]?.start.find(part => part.type === 'seq-item-ind')
  return dash?.offset ?? 0
}
