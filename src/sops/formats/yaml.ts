import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  Scalar as ScalarNode,
  type YAMLMap,
} from 'yaml'
import { Failure } from '../failure.ts'
import type { Leaf, Scalar } from '../leaf.ts'
import type { Sheet } from './format.ts'

/** Deeper files are refused. */
const maxDepth = 200
/** The layout of go-yaml with SOPS's indent, so that a file keeps its shape whichever program writes it. */
const layout = { indent: 4, lineWidth: 0, minContentWidth: 0, nullStr: 'null' } as const

/** Reads a YAML stream. @throws Failure for syntax errors, aliases and documents that are no mappings */
export function yamlSheet(bytes: Buffer): Sheet {
  const documents = readDocuments(bytes.toString('utf8'))
  const found = rootOf(documents[0])?.get('sops', true)
  const metadata: unknown = isNode(found) ? found.toJS(documents[0]!) : undefined
  for (const document of documents) rootOf(document)?.delete('sops')
  return {
    metadata,
    leaves: () => documents.flatMap(({ contents }) => leavesOf(contents, [], 0)),
    plain: () => Buffer.from(streamOf(documents)),
    sealed: block => {
      const copies = documents.map(document => {
        const copy = document.clone()
        rootOf(copy)?.set('sops', copy.createNode(block))
        return copy
      })
      return Buffer.from(streamOf(copies))
    },
  }
}

function rootOf(document: Document | undefined): YAMLMap | undefined {
  const root: unknown = document?.contents
  return isMap(root) ? root : undefined
}

function readDocuments(text: string): Document[] {
  const parsed = parseAllDocuments(text, { version: '1.2', intAsBigInt: true })
  const documents = [...parsed] as Document[]
  for (const { errors, contents } of documents) {
    const [error] = errors
    if (error !== undefined) {
      const line = error.linePos?.[0].line
      // The parser's message quotes the line, which may hold a secret; its code does not.
      throw new Failure('E_SOPS_FORMAT', {
        ...(line === undefined ? {} : { object: `line ${line}` }),
        expected: 'YAML',
        seen: error.code.toLowerCase(),
      })
    }
    if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null)) {
      throw new Failure('E_SOPS_FORMAT', { expected: 'a mapping in each document', seen: 'a list or a single value' })
    }
  }
  return documents.filter(document => rootOf(document) !== undefined)
}

function streamOf(documents: readonly Document[]): string {
  return documents
    .map((document, at) => `${at === 0 ? '' : '---\n'}${document.toString({ ...layout, directives: false })}`)
    .join('')
}

function leavesOf(node: unknown, path: readonly string[], depth: number): Leaf[] {
  if (depth > maxDepth) throw new Failure('E_SOPS_FORMAT', { seen: `nesting deeper than ${maxDepth}` })
  if (isAlias(node)) {
    throw new Failure('E_SOPS_UNSUPPORTED', {
      object: path.join('.'),
      seen: 'a YAML alias',
      next: 'Write the value out where the alias stands: a sealed value belongs to one place.',
    })
  }
  if (isMap(node)) {
    const pairs = node.items as Pair<unknown, unknown>[]
    return [...commentsOf(node, path), ...pairs.flatMap(pair => pairLeaves(pair, path, depth))]
  }
  if (isSeq(node)) {
    const items = node.items.flatMap(item => [
      ...(isScalar(item) ? commentsOf(item, path) : []),
      ...leavesOf(item, path, depth + 1),
    ])
    return [...commentsOf(node, path), ...items]
  }
  return isScalar(node) ? scalarLeaf(node, path) : []
}

function pairLeaves({ key, value }: Pair<unknown, unknown>, path: readonly string[], depth: number): Leaf[] {
  const name = isScalar(key) ? key.value : key
  if (typeof name !== 'string') {
    throw new Failure('E_SOPS_FORMAT', { object: path.join('.'), expected: 'keys that are texts', seen: 'another key' })
  }
  return [
    ...(isNode(key) ? commentsOf(key, path) : []),
    ...(isScalar(value) ? commentsOf(value, path) : []),
    ...leavesOf(value, [...path, name], depth + 1),
  ]
}

function scalarLeaf(node: ScalarNode, path: readonly string[]): Leaf[] {
  const value = scalarOf(node)
  if (value === undefined) return []
  const set = (next: Scalar): void => {
    node.value = Buffer.isBuffer(next) ? next.toString('utf8') : next
    for (const field of ['source', 'format', 'tag', 'type', 'minFractionDigits'] as const) delete node[field]
    if (typeof node.value === 'string' && readsOtherwise(node.value)) node.type = ScalarNode.QUOTE_DOUBLE
  }
  return [{ path, value, comment: false, set }]
}

/** Whether go-yaml, which knows YAML 1.1 too, would not read a plain text as this text; then it writes quotes, and so do we. */
function readsOtherwise(text: string): boolean {
  if (/^(?:y|yes|on|n|no|off)$/i.test(text) || text === '<<') return true
  if (/^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt \t])/.test(text)) return true
  if (/^[-+]?0b[01_]+$/.test(text)) return true
  if (text.includes('_') && /^[-+.]?\d/.test(text) && !Number.isNaN(Number(text.replaceAll('_', '')))) return true
  return /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/.test(text)
}

/** The value as go-yaml reads it; nothing for null, which is neither sealed nor digested. */
function scalarOf({ value, source, type }: ScalarNode): Scalar | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'bigint' && type === ScalarNode.PLAIN && /^[-+]?0[0-7]+$/.test(source ?? '')) {
    const octal = BigInt(`0o${source!.replace(/^[-+]/, '')}`)
    return source!.startsWith('-') ? -octal : octal
  }
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return value
  return String(value)
}

interface Commented {
  commentBefore?: string | null | undefined
  comment?: string | null | undefined
}

/** Comments are sealed line by line where their neighbours are; they are not digested. */
function commentsOf(node: Commented, path: readonly string[]): Leaf[] {
  return (['commentBefore', 'comment'] as const).flatMap(field => {
    const text = node[field]
    if (typeof text !== 'string' || text === '') return []
    const lines = text.split('\n')
    return lines.flatMap((line, at): Leaf[] => {
      if (line.trim() === '') return []
      const set = (next: Scalar): void => {
        lines[at] = String(next)
        node[field] = lines.join('\n')
      }
      return [{ path, value: line, comment: true, set }]
    })
  })
}
