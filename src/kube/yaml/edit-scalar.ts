import type { Scalar } from 'yaml'
import { scalarText } from './scalar-text.ts'
import { stringifyYaml } from './stringify.ts'

/** Puts a scalar in the place of another, in the same style of quotes where the new value can be written so. */
export function replaceScalar(text: string, node: Scalar, value: unknown, inBlock: boolean, column: number): string {
  const [start = 0, end = 0] = node.range ?? []
  const old = text.slice(start, end)
  if (old.startsWith('|') || old.startsWith('>')) return replaceBlock(text, start, end, value, column)
  return text.slice(0, start) + styled(old, value, inBlock) + text.slice(end)
}

function styled(old: string, value: unknown, inBlock: boolean): string {
  if (typeof value !== 'string') return flowText(value)
  const printable = /^[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/.test(value)
  if (old.startsWith("'") && printable) return `'${value.replaceAll("'", "''")}'`
  if (old.startsWith('"') && printable) return `"${value.replace(/["\\]/g, '\\$&')}"`
  return inBlock ? scalarText(value) : flowText(value)
}

/** A `|` or `>` block: its header is kept when the new text has lines too, and dropped when it has not. */
function replaceBlock(text: string, start: number, end: number, value: unknown, column: number): string {
  const pad = ' '.repeat(column)
  const written = stringifyYaml({ k: value })
    .slice(3)
    .replace(/\n(?=[^\n])/g, `\n${pad}`)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const ends = end > start && text[end - 1] === '\n'
  const body = (ends ? written : written.replace(/\n$/, '')).replaceAll('\n', eol)
  return text.slice(0, start) + body + text.slice(end)
}

/** A value on one line, fit for brackets. */
export function flowText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${pairs.map(([key, item]) => `${flowText(key)}: ${flowText(item)}`).join(', ')}}`
  }
  if (typeof value !== 'string') return stringifyYaml(value).trimEnd()
  const plain = scalarText(value)
  // Inside brackets, brackets and commas end a plain text.
  return plain === value && /[[\]{},]/.test(value) ? `'${value}'` : plain
}
