import { isObject } from '../../../base/json.ts'
import { own, put, type Values } from './tables.ts'

/** A path or value that helm's `--set` would not take. */
export class PathError extends Error {}

export interface SetPathOptions {
  /** Take the value as it is (`--set-literal`): no commas, braces, escapes or types. */
  readonly literal?: boolean
}

const deepest = 30
const highestIndex = 65_536
const eof = Symbol('eof')
type End = typeof eof | undefined

/**
 * Writes one value into a table in place, in the grammar of `helm --set` (helm pkg/strvals): dots, `[n]`, `\` as escape,
 * `{a,b}` as a list, commas between assignments, and true, false, null and integers as such. A value in quotes stays a
 * text. Throws a PathError.
 */
export function setPath(table: Values, path: string, value: string, options: SetPathOptions = {}): void {
  const quoted = /^(['"])[\s\S]*\1$/.test(value) || value === "'" || value === '"'
  if (options.literal) return new Parser(`${path}=${value}`, false, true).run(table)
  if (quoted) return new Parser(`${path}=${value.replace(/^['"]+|['"]+$/g, '')}`, true, false).run(table)
  new Parser(`${path}=${value}`, false, false).run(table)
}

class Parser {
  readonly #runes: readonly string[]
  #at = 0
  readonly #texts: boolean
  readonly #literal: boolean

  constructor(source: string, texts: boolean, literal: boolean) {
    this.#runes = [...source]
    this.#texts = texts
    this.#literal = literal
  }

  run(table: Values): void {
    while (this.#key(table, 0) !== eof);
  }

  #key(table: Values, level: number): End {
    const { text, last } = this.#until(this.#literal ? '=[.' : '=[,.')
    if (last === undefined) {
      if (text === '') return eof
      throw new PathError(`key ${JSON.stringify(text)} has no value`)
    }
    if (last === '[') {
      const index = this.#index()
      const before = own(table, text)
      if (before !== undefined && !Array.isArray(before))
        throw new PathError(`unable to parse key: ${text} is not a list`)
      const list: unknown[] = Array.isArray(before) ? before : []
      this.#item(list, index, level)
      assign(table, text, list)
      return undefined
    }
    if (last === '=') {
      assign(table, text, this.#value())
      return undefined
    }
    if (last === ',') throw new PathError(`key ${JSON.stringify(text)} has no value (cannot end with ,)`)
    return this.#nested(table, text, level + 1)
  }

  #nested(table: Values, key: string, level: number): End {
    if (level > deepest) {
      throw new PathError(`value name nested level is greater than maximum supported nested level of ${deepest}`)
    }
    const before = own(table, key)
    if (before !== undefined && before !== null && !isObject(before)) {
      throw new PathError(`unable to parse key: ${key} is not a table`)
    }
    const inner = isObject(before) ? before : {}
    const end = this.#key(inner, level)
    if (Object.keys(inner).length === 0) {
      if (end === undefined) throw new PathError(`key map ${JSON.stringify(key)} has no value`)
    } else assign(table, key, inner)
    return end
  }

  /** What follows `]`. The list is changed in place. */
  #item(list: unknown[], index: number, level: number): void {
    if (index > highestIndex) {
      throw new PathError(`index of ${index} is greater than maximum supported index of ${highestIndex}`)
    }
    const { text, last } = this.#until('[.=')
    if (text !== '') throw new PathError(`unexpected data at end of array index: ${JSON.stringify(text)}`)
    if (last === undefined) return
    if (last === '=') return place(list, index, this.#value())
    const before = list[index]
    if (last === '[') {
      const next = this.#index()
      if (before !== undefined && before !== null && !Array.isArray(before)) throw new PathError('not a list')
      const inner: unknown[] = Array.isArray(before) ? before : []
      this.#item(inner, next, level)
      return place(list, index, inner)
    }
    const inner = isObject(before) ? before : {}
    this.#key(inner, level)
    place(list, index, inner)
  }

  #index(): number {
    const { text, last } = this.#until(']')
    if (last === undefined || !/^[+-]?\d+$/.test(text))
      throw new PathError(`error parsing index: ${JSON.stringify(text)}`)
    const index = Number(text)
    if (index < 0) throw new PathError(`negative ${index} index not allowed`)
    return index
  }

  #value(): unknown {
    if (this.#literal) {
      const rest = this.#runes.slice(this.#at).join('')
      this.#at = this.#runes.length
      return rest
    }
    if (this.#runes[this.#at] === '{') {
      this.#at++
      return this.#list()
    }
    return this.#typed(this.#until(',').text)
  }

  #list(): unknown[] {
    const list: unknown[] = []
    for (;;) {
      const { text, last } = this.#until(',}')
      if (last === undefined) throw new PathError("list must terminate with '}'")
      list.push(this.#typed(text))
      if (last === '}') break
    }
    if (this.#runes[this.#at] === ',') this.#at++
    return list
  }

  #typed(text: string): unknown {
    if (this.#texts) return text
    const word = text.toLowerCase()
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === 'null') return null
    if (text === '0') return 0
    if (!text.startsWith('0') && /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
    return text
  }

  /** Runes up to one of `stops`, which is taken in too; `last` is undefined at the end. */
  #until(stops: string): { text: string; last: string | undefined } {
    let text = ''
    while (this.#at < this.#runes.length) {
      const rune = this.#runes[this.#at++]!
      if (stops.includes(rune)) return { text, last: rune }
      if (rune === '\\' && !this.#literal) {
        if (this.#at < this.#runes.length) text += this.#runes[this.#at++]
      } else text += rune
    }
    return { text, last: undefined }
  }
}

function assign(table: Values, key: string, value: unknown): void {
  if (key !== '') put(table, key, value)
}

function place(list: unknown[], index: number, value: unknown): void {
  while (list.length < index) list.push(null)
  list[index] = value
}
