import { type Document, isMap, isNode, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml'
import { Failure } from '../failure.ts'
import type { Leaf, Scalar } from '../leaf.ts'
import type { Sheet } from './format.ts'

/** Reads a JSON file; keys keep their order, which the digest depends on. @throws Failure */
export function jsonSheet(bytes: Buffer): Sheet {
  const text = bytes.toString('utf8')
  try {
    JSON.parse(text)
  } catch {
    throw new Failure('E_SOPS_FORMAT', { expected: 'JSON', seen: 'something else' })
  }
  const document: Document = parseDocument(text, { version: '1.2', schema: 'json', uniqueKeys: false })
  const root: unknown = document.contents
  if (!isMap(root)) throw new Failure('E_SOPS_FORMAT', { expected: 'a JSON object', seen: 'something else' })
  const found = root.get('sops', true)
  const metadata: unknown = isNode(found) ? found.toJS(document) : undefined
  root.delete('sops')
  return {
    metadata,
    leaves: () => leavesOf(root, []),
    plain: () => Buffer.from(written(root, '')),
    sealed: block => {
      const copy = document.clone()
      const map = copy.contents as unknown as YAMLMap
      map.set('sops', copy.createNode(block))
      return Buffer.from(`${written(map, '')}\n`)
    },
  }
}

function leavesOf(node: unknown, path: readonly string[]): Leaf[] {
  if (isMap(node)) return node.items.flatMap(({ key, value }) => leavesOf(value, [...path, keyOf(key)]))
  if (isSeq(node)) return node.items.flatMap(item => leavesOf(item, path))
  if (!isScalar(node) || node.value === null) return []
  const set = (value: Scalar): void => {
    node.value = Buffer.isBuffer(value) ? value.toString('utf8') : value
    delete node.source
  }
  return [{ path, value: node.value as Scalar, comment: false, set }]
}

function keyOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key)
}

/** As Go's encoder writes it, with tabs. */
function written(node: unknown, indent: string): string {
  const inner = `${indent}\t`
  if (isMap(node)) {
    if (node.items.length === 0) return '{}'
    const lines = node.items.map(({ key, value }) => `${inner}${quoted(keyOf(key))}: ${written(value, inner)}`)
    return `{\n${lines.join(',\n')}\n${indent}}`
  }
  if (isSeq(node)) {
    if (node.items.length === 0) return '[]'
    return `[\n${node.items.map(item => `${inner}${written(item, inner)}`).join(',\n')}\n${indent}]`
  }
  const value = isScalar(node) ? node.value : null
  if (typeof value === 'bigint') return value.toString()
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value)
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
