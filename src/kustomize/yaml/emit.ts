import type { Mapping, Scalar, YamlNode } from './node.ts'
import { printFloat } from './numbers.ts'
import { boolOf, floatOf, intOf, needsQuotes, timestampOf } from './resolve.ts'
import { sortedKeys } from './sort.ts'
import { printString } from './strings.ts'

/**
 * One document as `kustomize build` prints it: the bytes that go-yaml v2 writes for the JSON form of the object.
 * Block style, two spaces, lists not indented under their key, keys sorted, long strings wrapped after 80 columns.
 */
export function emitDocument(node: YamlNode): string {
  const out: string[] = []
  if (node.kind === 'scalar') out.push(scalarText(node, 2, 0), '\n')
  else emitBlock(out, node, 0, false)
  return out.join('')
}

/**
 * Writes a collection whose first line starts at the current column when `inline` (after `- `), and at the start of
 * a line otherwise.
 */
function emitBlock(out: string[], node: Exclude<YamlNode, Scalar>, indent: number, inline: boolean): void {
  const pad = ' '.repeat(indent)
  if (node.kind === 'mapping') {
    if (node.fields.size === 0) {
      out.push('{}\n')
      return
    }
    let first = inline
    for (const key of sortedKeys(node)) {
      if (first) first = false
      else out.push(pad)
      emitPair(out, key, node.fields.get(key)!, indent)
    }
    return
  }
  if (node.items.length === 0) {
    out.push('[]\n')
    return
  }
  let first = inline
  for (const item of node.items) {
    if (first) first = false
    else out.push(pad)
    out.push('- ')
    emitItem(out, item, indent)
  }
}

function emitItem(out: string[], item: YamlNode, indent: number): void {
  if (item.kind === 'scalar') out.push(scalarText(item, indent + 2, indent + 2), '\n')
  else emitBlock(out, item, indent + 2, true)
}

function emitPair(out: string[], key: string, value: YamlNode, indent: number): void {
  const keyText = printString(key, { indent: indent + 2, column: indent, key: true, quoted: needsQuotes(key) })
  // libyaml's limit for a simple key; longer ones (and keys with line breaks) take the `? ` form.
  if (isSimpleKey(key)) out.push(keyText, ':')
  else
    out.push(
      '? ',
      printString(key, { indent: indent + 2, column: indent + 2, key: false, quoted: needsQuotes(key) }),
      '\n',
      ' '.repeat(indent),
      ':',
    )
  if (value.kind === 'scalar') {
    const column = isSimpleKey(key) ? indent + [...keyText].length + 2 : indent + 2
    out.push(' ', scalarText(value, indent + 2, column), '\n')
  } else if (value.kind === 'mapping') {
    emitNested(out, value, indent)
  } else if (value.items.length === 0) {
    out.push(' []\n')
  } else {
    out.push('\n')
    emitBlock(out, value, indent, false)
  }
}

function emitNested(out: string[], value: Mapping, indent: number): void {
  if (value.fields.size === 0) out.push(' {}\n')
  else {
    out.push('\n')
    emitBlock(out, value, indent + 2, false)
  }
}

function isSimpleKey(key: string): boolean {
  return key.length <= 128 && Buffer.byteLength(key) <= 128 && !/[\n\r\u0085\u2028\u2029]/.test(key)
}

/** A scalar's text; block scalars bring their own line breaks and have none at the end. */
function scalarText(node: Scalar, indent: number, column: number): string {
  switch (node.tag) {
    case 'null':
      return node.plain ? 'null' : '""'
    case 'bool':
      return boolOf(node) ? 'true' : 'false'
    case 'int':
      return (intOf(node.value.replaceAll('_', '')) ?? 0n).toString()
    case 'float':
      return printFloat(floatOf(node))
    case 'timestamp':
      return printString(timestampOf(node.value) ?? node.value, { indent, column, key: false, quoted: true })
    case 'binary': {
      const value = Buffer.from(node.value, 'base64').toString('utf8')
      return printString(value, { indent, column, key: false, quoted: needsQuotes(value) })
    }
    default:
      return printString(node.value, { indent, column, key: false, quoted: needsQuotes(node.value) })
  }
}
