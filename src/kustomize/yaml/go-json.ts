import type { YamlNode } from './node.ts'
import { boolOf, floatOf, intOf, timestampOf } from './resolve.ts'

/** JSON as Go's encoder writes it: keys sorted, `<`, `>`, `&` and the JavaScript line separators escaped. */
export function goJson(node: YamlNode): string {
  if (node.kind === 'sequence') return `[${node.items.map(goJson).join(',')}]`
  if (node.kind === 'mapping') {
    const keys = [...node.fields.keys()].sort()
    return `{${keys.map(key => `${goString(key)}:${goJson(node.fields.get(key)!)}`).join(',')}}`
  }
  switch (node.tag) {
    case 'null':
      return node.plain ? 'null' : '""'
    case 'bool':
      return boolOf(node) ? 'true' : 'false'
    case 'int':
      return (intOf(node.value.replaceAll('_', '')) ?? 0n).toString()
    case 'float':
      return goFloat(floatOf(node))
    case 'timestamp':
      return goString(timestampOf(node.value) ?? node.value)
    case 'binary':
      return goString(Buffer.from(node.value, 'base64').toString('utf8'))
    default:
      return goString(node.value)
  }
}

/** A string as Go's JSON encoder writes it. */
export function goString(value: string): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]|\\b|\\f/g, sign => escapes[sign]!)
}

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
  '\\b': '\\b',
  '\\f': '\\f',
}

/** Go's encoder: plain digits between 1e-6 and 1e21, exponents otherwise. */
function goFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const size = Math.abs(value)
  if (size >= 1e-6 && size < 1e21) return Number.isInteger(value) ? BigInt(value).toString() : decimal(value)
  return value
    .toExponential()
    .replace(/e([-+])0?(\d)$/, 'e$1$2')
    .replace(/e-(\d)$/, 'e-0$1')
    .replace('e-0', 'e-')
}

function decimal(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text
}
