import {
  Document,
  isNode,
  isPair,
  isScalar,
  isSeq,
  isMap as isYamlMap,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml'
import { isMap, type Path, same, type Values, withAt, withoutAt } from './tree.ts'

/** Something that keeps a text from being read as values; lines count from 1. */
export interface TextProblem {
  readonly line: number
  readonly message: string
}

export interface ReadValues {
  /** Absent: the text cannot be read. */
  readonly values?: Values
  readonly problems: readonly TextProblem[]
  /** Line of what is at a path, or of the nearest thing above it. */
  readonly lineOf: (path: Path) => number
  /** What is at a line: the innermost key or item that begins there or before. */
  readonly pathAt: (line: number) => Path | undefined
}

/** As much YAML as a person writes; the server takes no more. */
export const longestText = 256 * 1024

const parse = (text: string, lineCounter?: LineCounter): Document =>
  parseDocument(text, {
    ...(lineCounter === undefined ? {} : { lineCounter }),
    // Aliases are unfolded; a bomb of them is refused by `maxAliasCount` in `toJS`.
    prettyErrors: false,
    uniqueKeys: true,
  }) as unknown as Document

/** Reads YAML as values: a map, or nothing at all. Never throws. */
export function readValues(text: string): ReadValues {
  const fails = (line: number, message: string): ReadValues => ({
    problems: [{ line, message }],
    lineOf: () => line,
    pathAt: () => undefined,
  })
  if (text.length > longestText)
    return fails(1, `This is longer than ${longestText / 1024} KiB, which values may not be.`)
  const lines = new LineCounter()
  const document = parse(text, lines)
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line)
  const first = document.errors[0]
  if (first !== undefined) {
    return {
      ...fails(lineAt(first.pos[0]), ''),
      problems: document.errors.map(e => ({ line: lineAt(e.pos[0]), message: e.message })),
    }
  }
  let values: unknown
  try {
    values = document.toJS({ maxAliasCount: 50 })
  } catch (thrown) {
    return fails(1, thrown instanceof Error ? thrown.message : String(thrown))
  }
  if (values === null || values === undefined) values = {}
  if (!isMap(values)) return fails(1, 'Values are a map of keys: write `key: value`.')
  const places = placesOf(document.contents, lineAt)
  return {
    values,
    problems: [],
    lineOf: path => {
      for (let length = path.length; length > 0; length--) {
        const place = places.get(JSON.stringify(path.slice(0, length)))
        if (place !== undefined) return place
      }
      return 1
    },
    pathAt: line => {
      let best: { readonly line: number; readonly path: Path } | undefined
      for (const [key, at] of places) {
        if (at <= line && (best === undefined || at >= best.line)) best = { line: at, path: JSON.parse(key) as Path }
      }
      return best?.path
    },
  }
}

function placesOf(contents: unknown, lineAt: (offset: number) => number): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  const visit = (node: unknown, path: Path): void => {
    if (isYamlMap(node)) {
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? String(pair.key.value) : undefined
        const range = isNode(pair.key) ? pair.key.range : undefined
        if (key === undefined || !range) continue
        const inner = [...path, key]
        places.set(JSON.stringify(inner), lineAt(range[0]))
        visit(pair.value, inner)
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        const range = isNode(item) ? item.range : undefined
        const inner = [...path, index]
        if (range) places.set(JSON.stringify(inner), lineAt(range[0]))
        visit(item, inner)
      }
    }
  }
  visit(contents, [])
  return places
}

// Texts that YAML 1.1 takes for something else (`yes`, `0777`, `1:20`) are quoted: not every reader is of version 1.2.
const writing = { lineWidth: 0, compat: 'yaml-1.1' } as const

/** Values as YAML; nothing at all where there are none. */
export function writeValues(values: Values): string {
  if (Object.keys(values).length === 0) return ''
  return new Document(values, { ...writing, aliasDuplicateObjects: false }).toString(writing)
}

/**
 * The text with `value` at a path, or without what is there (`undefined`): its comments and its order stay. Maps that are
 * empty because of it go.
 */
export function editText(text: string, path: Path, value: unknown): string {
  const read = readValues(text)
  if (read.values === undefined) return text
  const wanted = (value === undefined ? withoutAt(read.values, path) : withAt(read.values, path, value)) as Values
  const document = parse(text)
  // Anchors tie one place to another, and what was no map is replaced: then the values count, not the look of the text.
  const kept = /(^|[\s[{,])[&*]\S/m.test(text) ? undefined : keeping(document, path, value)
  if (kept !== undefined) {
    const after = readValues(kept)
    if (after.values !== undefined && same(after.values, wanted)) return kept
  }
  return writeValues(wanted)
}

function keeping(document: Document, path: Path, value: unknown): string | undefined {
  try {
    if (value !== undefined) {
      if (!isYamlMap(document.contents)) return undefined
      const node = document.getIn(path, true) as Node | undefined
      // A scalar keeps its node, and so the comment that stands behind it.
      if (isScalar(node) && (typeof value !== 'object' || value === null)) {
        node.value = value
        delete node.source
        delete node.format
        if (typeof value !== 'string') delete node.type
      } else document.setIn(path, document.createNode(value, { aliasDuplicateObjects: false }))
    } else {
      if (!document.hasIn(path)) return document.toString(writing)
      document.deleteIn(path)
      for (let length = path.length - 1; length > 0; length--) {
        const parent = document.getIn(path.slice(0, length), true)
        if (!isYamlMap(parent) || parent.items.length > 0) break
        document.deleteIn(path.slice(0, length))
      }
      if (isYamlMap(document.contents) && document.contents.items.length === 0 && !hasComment(document)) return ''
    }
    return document.toString(writing)
  } catch {
    return undefined
  }
}

const hasComment = (document: Document): boolean =>
  Boolean(document.comment || document.commentBefore || (isNode(document.contents) && document.contents.comment)) ||
  isPair(document.contents)
