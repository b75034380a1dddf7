import { isObject } from '../base/json.ts'

/**
 * Values as Go prints them, because the API server's messages are made by Go's `fmt` and `encoding/json` and clients
 * (and people) compare them.
 */

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}

/** A text as `%q` writes it (strconv.Quote): printable Unicode is kept, the rest is escaped. */
export function goQuote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  let out = '"'
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (character in escapes) out += escapes[character]
    else if (code >= 0xd800 && code <= 0xdfff) out += '\\ufffd'
    else if (character === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) out += character
    else if (code < 0x80) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code < 0x10000) out += `\\u${code.toString(16).padStart(4, '0')}`
    else out += `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `${out}"`
}

/** A number as `%v` writes it: integers plainly, floats with the shortest digits and an exponent below 1e-4 or from 1e21. */
export function goNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return Object.is(value, -0) ? '0' : String(value)
  const size = Math.abs(value)
  const text = size !== 0 && size < 1e-4 ? value.toExponential() : String(value)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/**
 * An object that stands for a Go struct: `json.Marshal` writes its fields in the order of their declaration, while it
 * writes the keys of a map in their alphabetical order.
 */
export class GoStruct {
  readonly fields: Readonly<Record<string, unknown>>

  /** @param fields the fields in the struct's order, without those that `omitempty` leaves out (undefined ones are skipped). */
  constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields
  }
}

/** A JSON value as `json.Marshal` writes it: keys in order, `<`, `>`, `&` and the line separators escaped. */
export function goJson(value: unknown): string {
  if (typeof value === 'string') return jsonString(value)
  if (Array.isArray(value)) return `[${value.map(item => goJson(item)).join(',')}]`
  if (value instanceof GoStruct) return fieldsJson(value.fields, Object.keys(value.fields))
  if (isObject(value)) return fieldsJson(value, Object.keys(value).sort(byCodePoint))
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'null'
}

function fieldsJson(fields: Readonly<Record<string, unknown>>, keys: readonly string[]): string {
  const parts: string[] = []
  for (const key of keys) if (fields[key] !== undefined) parts.push(`${jsonString(key)}:${goJson(fields[key])}`)
  return `{${parts.join(',')}}`
}

/** The order in which Go sorts strings (by bytes of UTF-8, which is by code point). */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function jsonString(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029\u007f]/g, character =>
    character === '\u007f' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
