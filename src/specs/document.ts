import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseYamlStream } from '../kube/yaml/index.ts'
import { splitDocuments } from '../kube/yaml/split.ts'
import { parseFieldPath } from './field-path.ts'
import type { Place, SpecProblem } from './problem.ts'

/** One document of a file, with its own text. */
export interface SpecDocument {
  /** The object as it is written; Kubernetes versions are texts even where they stand without quotes. */
  readonly object: KubeObject
  /** The bytes of the document, comments included, without the `---` lines around it. */
  readonly text: string
  readonly file: string
  /** The line of the file on which the text starts, from 1. */
  readonly line: number
  /** The index in the file's text at which it starts. */
  readonly offset: number
}

/** A text file. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

/** Cuts a file into documents; what cannot be read becomes a problem, and the rest is still read. */
export function readDocuments(file: TextFile): { documents: SpecDocument[]; problems: SpecProblem[] } {
  const documents: SpecDocument[] = []
  const problems: SpecProblem[] = []
  const problem = (line: number, detail: string, column?: number): void => {
    const place = column === undefined ? { line } : { line, column }
    problems.push({ type: 'FieldValueInvalid', field: '', detail, object: '', file: file.path, ...place })
  }
  // A byte order mark takes part in no document.
  const mark = file.text.charCodeAt(0) === 0xfeff ? 1 : 0
  for (const chunk of splitDocuments(file.text.slice(mark))) {
    let values: { value: unknown; line: number }[]
    try {
      values = parseYamlStream(chunk.text)
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      const { line, column } = (error.facts.details ?? {}) as { line?: number; column?: number }
      problem(chunk.line + (line ?? 1) - 1, `the YAML cannot be read: ${error.facts.seen ?? error.message}`, column)
      continue
    }
    const [first, second] = values
    if (first === undefined) continue
    const at = chunk.line + first.line - 1
    if (second !== undefined) {
      problem(chunk.line + second.line - 1, 'documents must be separated by a line with nothing but ---')
    } else if (!isObject(first.value)) problem(at, 'not an object: expected apiVersion, kind, metadata and spec')
    else {
      const fault = identityProblem(first.value)
      if (fault === undefined) {
        const object = withVersionTexts(first.value as KubeObject, chunk.text)
        documents.push({ object, text: chunk.text, file: file.path, line: chunk.line, offset: mark + chunk.start })
      } else problem(at, fault)
    }
  }
  return { documents, problems }
}

function identityProblem(value: Record<string, unknown>): string | undefined {
  const { kind, apiVersion, metadata } = value
  if (typeof kind !== 'string' || kind === '') return 'kind not set'
  if (typeof apiVersion !== 'string' || apiVersion === '') return `apiVersion not set for Kind: ${kind}`
  if (!isObject(metadata)) return `metadata not set for Kind: ${kind}`
  if (typeof metadata['name'] !== 'string' || metadata['name'] === '') return `metadata.name not set for Kind: ${kind}`
  if (metadata['namespace'] !== undefined && typeof metadata['namespace'] !== 'string') {
    return `metadata.namespace is not a text for Kind: ${kind}`
  }
  return undefined
}

/**
 * `kubernetesVersion: 1.30` without quotes is the number 1.3 to YAML; EKS Anywhere reads the text, and so do we.
 */
function withVersionTexts(object: KubeObject, text: string): KubeObject {
  if (object.kind !== 'Cluster' || !isObject(object['spec'])) return object
  const spec = object['spec']
  const paths: (string | number)[][] = [['spec', 'kubernetesVersion']]
  const groups = spec['workerNodeGroupConfigurations']
  if (Array.isArray(groups)) {
    groups.forEach((_, i) => {
      paths.push(['spec', 'workerNodeGroupConfigurations', i, 'kubernetesVersion'])
    })
  }
  let source: Document.Parsed | undefined
  for (const path of paths) {
    const last = path.at(-1) as string
    let parent: unknown = object
    for (const step of path.slice(0, -1)) parent = (parent as Record<string | number, unknown> | undefined)?.[step]
    if (!isObject(parent) || typeof parent[last] !== 'number') continue
    source ??= parseDocument(text)
    const node = source.getIn(path, true)
    if (isScalar(node) && typeof node.source === 'string') parent[last] = node.source
  }
  return object
}

/** Where a field of a document stands in its file; the nearest field above it when it is absent. */
export function placeOf(document: Pick<SpecDocument, 'text' | 'file' | 'line'>, field: string): Place {
  const lines = new LineCounter()
  const parsed = parseDocument(document.text, { lineCounter: lines, keepSourceTokens: false })
  let node: unknown = parsed.contents
  let offset = startOf(node as Node | null)
  for (const step of parseFieldPath(field)) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(
        item => isScalar(item.key) && String(item.key.value) === String(step),
      )
      if (pair === undefined) break
      offset = startOf(pair.key as Node) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      const item = node.items[Number(step)]
      if (!isNode(item)) break
      offset = startOf(item) ?? offset
      node = item
    } else break
  }
  if (offset === undefined) return { file: document.file, line: document.line }
  const { line, col } = lines.linePos(offset)
  return { file: document.file, line: document.line + line - 1, column: col }
}

function startOf(node: Node | null | undefined): number | undefined {
  return node?.range?.[0]
}
