import { constructFromEvents, EVENT_ALIAS, parseEvents, YAMLException } from 'js-yaml'
import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { redact } from '../../secrets/secret.ts'
import { kubernetesDialect } from './dialect.ts'
import { splitJson } from './json-stream.ts'
import { type Chunk, splitDocuments } from './split.ts'
import { decodeText } from './text.ts'

/** One document of a YAML stream. */
export interface YamlDocument {
  /** The value in JSON form; never `undefined` or `null` (empty documents are dropped). */
  readonly value: unknown
  /** Position among the documents of the stream, from 0, empty ones not counted. */
  readonly index: number
  /** The line on which its first value stands, from 1. */
  readonly line: number
}

/** How to read YAML, and how much of it. */
export interface YamlOptions {
  /** What the text is called in errors: a path, usually. */
  readonly source?: string
  /** Longest text in UTF-16 units; 64 Mi when absent. */
  readonly maxLength?: number
  /** Deepest nesting; 200 when absent. */
  readonly maxDepth?: number
  /** Most values that one document with aliases may expand to; 500 000 when absent. */
  readonly maxExpanded?: number
}

/**
 * Reads a stream of YAML (or JSON) documents the way Go's Kubernetes tools do: see `dialect.ts`. Duplicate keys, tabs as
 * indentation, UTF-16 and texts beyond the limits are refused.
 *
 * @throws SluiceError E_YAML_SYNTAX, E_YAML_LIMIT, E_YAML_ENCODING, each with `details.line` and `details.column` where known.
 * @example
 * parseYamlStream('a: 1\n---\nb: on\n').map(d => d.value) // [{ a: 1 }, { b: true }]
 */
export function parseYamlStream(input: string | Uint8Array, options: YamlOptions = {}): YamlDocument[] {
  const text = decodeText(input, options)
  const documents: YamlDocument[] = []
  for (const chunk of splitDocuments(text)) {
    for (const { value, line } of parseChunk(chunk, options)) {
      if (value !== undefined && value !== null) documents.push({ value, index: documents.length, line })
    }
  }
  return documents
}

/**
 * Reads exactly one document; `null` for an empty text.
 *
 * @throws SluiceError as {@link parseYamlStream}, and E_YAML_SYNTAX when there is more than one document.
 */
export function parseYaml(input: string | Uint8Array, options: YamlOptions = {}): unknown {
  const documents = parseYamlStream(input, options)
  const second = documents[1]
  if (second) {
    throw new SluiceError('E_YAML_SYNTAX', {
      object: place(options.source, second.line),
      expected: 'one document',
      seen: `${documents.length} documents`,
    })
  }
  return documents[0]?.value ?? null
}

interface Parsed {
  readonly value: unknown
  readonly line: number
}

function parseChunk(chunk: Chunk, options: YamlOptions): Parsed[] {
  try {
    return parseDocuments(chunk, options)
  } catch (error) {
    // JSON values one after the other, as kubectl writes and reads them, are no YAML.
    const values = error instanceof YAMLException ? splitJson(chunk) : undefined
    if (!values) throw asYamlError(error, chunk, options)
    return values.flatMap(value => {
      try {
        return parseDocuments(value, options)
      } catch (inner) {
        throw asYamlError(inner, value, options)
      }
    })
  }
}

function parseDocuments({ text, line }: Chunk, options: YamlOptions): Parsed[] {
  const events = parseEvents(text, { maxDepth: options.maxDepth ?? 200 })
  let aliases = false
  const starts: number[] = []
  let fresh = false
  for (const event of events) {
    // Each document event is followed by the event of its root value.
    if (fresh) starts.push(startOf(event))
    fresh = event.type === 1
    if (event.type === EVENT_ALIAS) aliases = true
  }
  const values = constructFromEvents(events, { source: text, schema: kubernetesDialect, maxTotalMergeKeys: 100_000 })
  const budget = { left: options.maxExpanded ?? 500_000 }
  const lines = lineCounter(text, line)
  return values.map((value, i) => ({
    value: aliases ? expand(value, budget, 0) : value,
    line: lines(starts[i] ?? 0),
  }))
}

function startOf(event: object): number {
  let first = Number.POSITIVE_INFINITY
  for (const name of ['start', 'valueStart', 'anchorStart', 'tagStart'] as const) {
    const at = (event as Partial<Record<typeof name, number>>)[name]
    if (at !== undefined && at >= 0) first = Math.min(first, at)
  }
  return Number.isFinite(first) ? first : 0
}

/** Lines of rising offsets, counted once over the text. */
function lineCounter(text: string, firstLine: number): (offset: number) => number {
  let at = 0
  let line = firstLine
  return offset => {
    for (;;) {
      const next = text.indexOf('\n', at)
      if (next < 0 || next >= offset) return line
      line++
      at = next + 1
    }
  }
}

class TooLarge extends Error {}

/** A copy without shared parts, so that changing one place never changes another, within a budget: no alias bombs. */
function expand(value: unknown, budget: { left: number }, depth: number): unknown {
  if (--budget.left < 0) throw new TooLarge('aliases expand to too many values')
  if (depth > 1000) throw new TooLarge('an alias contains itself')
  if (Array.isArray(value)) return value.map(item => expand(item, budget, depth + 1))
  if (!isObject(value)) return value
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    const expanded = expand(item, budget, depth + 1)
    if (key === '__proto__') {
      Object.defineProperty(copy, key, { value: expanded, enumerable: true, configurable: true, writable: true })
    } else copy[key] = expanded
  }
  return copy
}

function asYamlError(error: unknown, chunk: Chunk, { source }: YamlOptions): unknown {
  if (error instanceof TooLarge) {
    return new SluiceError('E_YAML_LIMIT', { object: place(source, chunk.line), seen: error.message })
  }
  if (!(error instanceof YAMLException)) {
    // A scalar that the dialect refuses.
    const seen = error instanceof Error ? error.message : String(error)
    return new SluiceError('E_YAML_SYNTAX', { object: place(source, chunk.line), seen, cause: error })
  }
  const line = chunk.line + (error.mark?.line ?? 0)
  const column = (error.mark?.column ?? 0) + 1
  const limit = /nesting exceeded|exceeded max/.test(error.reason)
  return new SluiceError(limit ? 'E_YAML_LIMIT' : 'E_YAML_SYNTAX', {
    object: place(source, line, column),
    seen: redact(error.reason),
    details: { line, column },
  })
}

function place(source: string | undefined, line: number, column?: number): string {
  const at = column === undefined ? `${line}` : `${line}:${column}`
  return source === undefined ? `line ${at}` : `${source}:${at}`
}
