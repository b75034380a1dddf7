import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml'
import { cloneNode, Mapping, Scalar, Sequence, type Tag, type YamlNode } from './node.ts'
import { resolvePlain } from './resolve.ts'

/** Text that is not YAML. The message has go-yaml's form: `yaml: line N: …`. */
export class YamlSyntaxError extends Error {}

/** Deeper nesting than this is refused: no real object comes near it. */
const maxDepth = 500

/** Nodes that aliases may add to one document: stops a small text that grows into gigabytes. */
const maxAliasNodes = 200_000

/**
 * The documents of a YAML (or JSON) text, without the empty ones. Aliases are replaced by copies of what they
 * point to and merge keys (`<<`) by the fields that they merge, as kustomize does on load.
 *
 * @throws {@link YamlSyntaxError}
 */
export function parseDocuments(source: string): YamlNode[] {
  const input = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source
  let events: Event[]
  try {
    events = parseEvents(input, { maxDepth })
  } catch (error) {
    if (error instanceof YAMLException) {
      const line = error.mark?.line
      throw new YamlSyntaxError(`yaml: ${line === undefined ? '' : `line ${line + 1}: `}${error.reason}`, {
        cause: error,
      })
    }
    throw error
  }
  return new Composer(input, events).documents()
}

class Composer {
  readonly #input: string
  readonly #events: readonly Event[]
  #next = 0
  #anchors = new Map<string, YamlNode>()
  #aliasNodes = 0
  /** How many flow collections (`{}`, `[]`) are open. */
  #flow = 0

  constructor(input: string, events: readonly Event[]) {
    this.#input = input
    this.#events = events
  }

  documents(): YamlNode[] {
    const result: YamlNode[] = []
    while (this.#next < this.#events.length) {
      const event = this.#events[this.#next++]!
      if (event.type !== EVENT_ID.DOCUMENT) continue
      // kyaml cuts the text at its `---` lines first, which leaves a directive without its document.
      if (event.directives.length > 0) throw new YamlSyntaxError('yaml: line 1: did not find expected <document start>')
      this.#anchors = new Map()
      this.#aliasNodes = 0
      while (this.#events[this.#next]!.type !== EVENT_ID.POP) {
        const node = this.#node()
        if (!(node.kind === 'scalar' && node.tag === 'null')) result.push(node)
      }
      this.#next++
    }
    return result
  }

  #node(): YamlNode {
    const event = this.#events[this.#next++]!
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const node = this.#scalar(event)
        if (event.anchorStart >= 0) this.#anchors.set(this.#input.slice(event.anchorStart, event.anchorEnd), node)
        return node
      }
      case EVENT_ID.SEQUENCE: {
        const node = new Sequence()
        if (event.anchorStart >= 0) this.#anchors.set(this.#input.slice(event.anchorStart, event.anchorEnd), node)
        const flow = event.style === COLLECTION_STYLE.FLOW ? 1 : 0
        this.#flow += flow
        while (this.#events[this.#next]!.type !== EVENT_ID.POP) node.items.push(this.#node())
        this.#flow -= flow
        this.#next++
        return node
      }
      case EVENT_ID.MAPPING: {
        const node = new Mapping()
        if (event.anchorStart >= 0) this.#anchors.set(this.#input.slice(event.anchorStart, event.anchorEnd), node)
        const flow = event.style === COLLECTION_STYLE.FLOW ? 1 : 0
        this.#flow += flow
        this.#pairs(node)
        this.#flow -= flow
        return node
      }
      case EVENT_ID.ALIAS: {
        const name = this.#input.slice(event.anchorStart, event.anchorEnd)
        const target = this.#anchors.get(name)
        if (target === undefined) throw new YamlSyntaxError(`yaml: unknown anchor '${name}' referenced`)
        this.#aliasNodes += countNodes(target, maxAliasNodes)
        if (this.#aliasNodes > maxAliasNodes) {
          throw new YamlSyntaxError('yaml: document contains excessive aliasing')
        }
        return cloneNode(target)
      }
      default:
        throw new YamlSyntaxError('yaml: unexpected end of a collection')
    }
  }

  #pairs(node: Mapping): void {
    let merges: YamlNode[] | undefined
    let lines: Map<string, number> | undefined
    while (this.#events[this.#next]!.type !== EVENT_ID.POP) {
      const at = this.#next
      const key = this.#node()
      const value = this.#node()
      if (key.kind !== 'scalar') throw new YamlSyntaxError('yaml: invalid map key')
      if (key.tag === 'merge') {
        merges ??= []
        merges.push(value)
        continue
      }
      if (key.tag !== 'str') {
        node.oddKeys ??= new Set()
        node.oddKeys.add(key.value)
      }
      if (node.fields.has(key.value) && node.duplicate === undefined) {
        lines ??= this.#keyLines(node, at)
        node.duplicate = { key: key.value, line: this.#lineAt(at), firstLine: lines.get(key.value) ?? 0 }
      }
      node.fields.set(key.value, value)
    }
    this.#next++
    if (merges !== undefined) for (const merge of merges) mergeInto(node, merge)
  }

  /** The line of the first key of each name in the mapping whose pairs end before an event; only for the error. */
  #keyLines(_node: Mapping, end: number): Map<string, number> {
    const lines = new Map<string, number>()
    let depth = 0
    for (let i = end - 1; i >= 0 && depth >= 0; i--) {
      const event = this.#events[i]!
      if (event.type === EVENT_ID.POP) depth++
      else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) depth--
      else if (event.type === EVENT_ID.SCALAR && depth === 0) {
        lines.set(getScalarValue(this.#input, event), this.#lineOf(event.valueStart))
      }
    }
    return lines
  }

  #lineAt(index: number): number {
    const event = this.#events[index]!
    return event.type === EVENT_ID.SCALAR ? this.#lineOf(event.valueStart) : 0
  }

  #lineOf(offset: number): number {
    let line = 1
    for (let i = this.#input.indexOf('\n'); i >= 0 && i < offset; i = this.#input.indexOf('\n', i + 1)) line++
    return line
  }

  #scalar(event: ScalarEvent): Scalar {
    const value = event.fast
      ? this.#input.slice(event.valueStart, event.valueEnd)
      : event.valueStart < 0
        ? ''
        : getScalarValue(this.#input, event)
    const plain = event.style === SCALAR_STYLE.PLAIN
    if (event.tagStart >= 0) {
      const tag = shortTag(this.#input.slice(event.tagStart, event.tagEnd))
      if (tag === '') return new Scalar(value, plain ? resolvePlain(value) : 'str', plain)
      return new Scalar(value, tag, tag === 'str' ? false : plain)
    }
    // An empty value in a flow collection is null until kyaml prints it: there it needs quotes, and is a string then.
    if (value === '' && plain) return new Scalar('', 'null', this.#flow === 0)
    return new Scalar(value, plain ? resolvePlain(value) : 'str', plain)
  }
}

function shortTag(raw: string): Tag {
  if (raw.startsWith('!!')) return raw.slice(2)
  if (raw.startsWith('!<tag:yaml.org,2002:') && raw.endsWith('>')) return raw.slice(20, -1)
  return raw === '!' ? 'str' : raw
}

/** Merge keys never overwrite: the mapping's own fields win, then earlier merges. */
function mergeInto(node: Mapping, source: YamlNode): void {
  if (source.kind === 'sequence') {
    for (const item of source.items) mergeInto(node, item)
    return
  }
  if (source.kind !== 'mapping') {
    throw new YamlSyntaxError('yaml: map merge requires map or sequence of maps as the value')
  }
  for (const [key, value] of source.fields) if (!node.fields.has(key)) node.fields.set(key, cloneNode(value))
}

function countNodes(node: YamlNode, limit: number): number {
  if (node.kind === 'scalar') return 1
  let count = 1
  for (const child of node.kind === 'sequence' ? node.items : node.fields.values()) {
    count += countNodes(child, limit)
    if (count > limit) return count
  }
  return count
}
