/** Where and how a string is printed. */
export interface StringPlace {
  /** The indentation of continuation lines and of block text, in columns. */
  readonly indent: number
  /** The column where the text starts. */
  readonly column: number
  /** Whether it is a mapping key: one line, never a block. */
  readonly key: boolean
  /** Whether the plain text would be read as something else than a string. */
  readonly quoted: boolean
}

/** Lines are wrapped at the first space after this column (libyaml's `best_width`). */
const width = 80

/** A string as libyaml's emitter (as in go-yaml v2) writes it: plain, quoted once or twice, or as a literal block. */
export function printString(value: string, place: StringPlace): string {
  // Words that need no thought: letters, digits and the signs that never start or end anything.
  if (!place.quoted && value.length <= 40 && safeWord.test(value)) return value
  const facts = analyze(value)
  if (value.includes('\n') && !place.key && facts.blockAllowed) return literal(value, place.indent)
  if (!value.includes('\n') && !place.quoted && facts.plainAllowed) return wrapPlain(value, place)
  if (!value.includes('\n') && !place.quoted && facts.singleAllowed && !(place.key && facts.multiline)) {
    return singleQuoted(value, place)
  }
  return doubleQuoted(value, place)
}

const safeWord = /^[A-Za-z0-9_/][A-Za-z0-9_/.+-]*$/

interface Facts {
  readonly plainAllowed: boolean
  readonly singleAllowed: boolean
  readonly blockAllowed: boolean
  readonly multiline: boolean
}

const starters = new Set('#,[]{}&*!|>\'"%@`')
const isBreak = (sign: string): boolean =>
  sign === '\n' || sign === '\r' || sign === '\u0085' || sign === '\u2028' || sign === '\u2029'
const isBlankOrEnd = (sign: string | undefined): boolean =>
  sign === undefined || sign === ' ' || sign === '\t' || isBreak(sign)
/** Only what libyaml calls printable: no tab, nothing beyond the basic plane. */
const notPrintable = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

function analyze(value: string): Facts {
  let indicators = value.startsWith('---') || value.startsWith('...')
  let lineBreaks = false
  let leading = false
  let trailing = false
  let trailingSpace = false
  let breakSpace = false
  let spaceBreak = false
  let afterSpace = false
  let afterBreak = false
  let afterBlank = true
  const last = value.length - 1
  for (let i = 0; i <= last; i++) {
    const sign = value[i]!
    if (i === 0) {
      if (starters.has(sign)) indicators = true
      else if ((sign === '?' || sign === ':' || sign === '-') && isBlankOrEnd(value[1])) indicators = true
    } else if (sign === ':') {
      if (isBlankOrEnd(value[i + 1])) indicators = true
    } else if (sign === '#' && afterBlank) indicators = true
    if (sign === ' ') {
      if (i === 0) leading = true
      if (i === last) trailing = trailingSpace = true
      if (afterBreak) breakSpace = true
      afterSpace = true
      afterBreak = false
    } else if (isBreak(sign)) {
      lineBreaks = true
      if (i === 0) leading = true
      if (i === last) trailing = true
      if (afterSpace) spaceBreak = true
      afterSpace = false
      afterBreak = true
    } else {
      afterSpace = false
      afterBreak = false
    }
    afterBlank = isBlankOrEnd(sign)
  }
  const special = spaceBreak || notPrintable.test(value)
  return {
    plainAllowed: !(indicators || lineBreaks || leading || trailing || breakSpace || special),
    singleAllowed: !(breakSpace || special),
    blockAllowed: !(trailingSpace || special) && value !== '',
    multiline: lineBreaks,
  }
}

/** Copies text, breaking lines at single spaces behind the width. */
class Writer {
  #out = ''
  #column: number
  readonly #indent: number

  constructor(place: StringPlace, start: string) {
    this.#column = place.column + start.length
    this.#indent = place.indent
    this.#out = start
  }

  get full(): boolean {
    return this.#column > width
  }

  put(text: string, columns = text.length): void {
    this.#out += text
    this.#column += columns
  }

  breakLine(): void {
    this.#out += `\n${' '.repeat(this.#indent)}`
    this.#column = this.#indent
  }

  end(close: string): string {
    return this.#out + close
  }
}

function wrapPlain(value: string, place: StringPlace): string {
  if (place.key || place.column + value.length <= width || !value.includes(' ')) return value
  return wrapAtSpaces(value, place)
}

function wrapAtSpaces(value: string, place: StringPlace): string {
  const writer = new Writer(place, '')
  const signs = [...value]
  let spaces = false
  for (let i = 0; i < signs.length; i++) {
    const sign = signs[i]!
    if (sign === ' ') {
      if (!spaces && writer.full && signs[i + 1] !== ' ') writer.breakLine()
      else writer.put(sign)
      spaces = true
    } else {
      writer.put(sign, 1)
      spaces = false
    }
  }
  return writer.end('')
}

function singleQuoted(value: string, place: StringPlace): string {
  const writer = new Writer(place, "'")
  const signs = [...value]
  let spaces = false
  for (let i = 0; i < signs.length; i++) {
    const sign = signs[i]!
    if (sign === ' ') {
      const inside = i > 0 && i < signs.length - 1
      if (!place.key && !spaces && writer.full && inside && signs[i + 1] !== ' ') writer.breakLine()
      else writer.put(sign)
      spaces = true
    } else {
      writer.put(sign === "'" ? "''" : sign, sign === "'" ? 2 : 1)
      spaces = false
    }
  }
  return writer.end("'")
}

const named: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function doubleQuoted(value: string, place: StringPlace): string {
  const writer = new Writer(place, '"')
  const signs = [...value]
  // libyaml takes every letter for a byte order mark when the text starts with one, and escapes it.
  const all = value.startsWith('\ufeff')
  let spaces = false
  for (let i = 0; i < signs.length; i++) {
    const sign = signs[i]!
    const escaped = named[sign] ?? (all || notPrintable.test(sign) || sign === '\ufeff' ? hexEscape(sign) : undefined)
    if (escaped !== undefined) {
      writer.put(escaped)
      spaces = false
    } else if (sign === ' ') {
      const inside = i > 0 && i < signs.length - 1
      if (!place.key && !spaces && writer.full && inside) {
        writer.breakLine()
        // A space at the start of a continuation line would be dropped, so it is escaped.
        if (signs[i + 1] === ' ') writer.put('\\')
      } else writer.put(sign)
      spaces = true
    } else {
      writer.put(sign, 1)
      spaces = false
    }
  }
  return writer.end('"')
}

function hexEscape(sign: string): string {
  if (sign === '\u00a0') return '\\_'
  const code = sign.codePointAt(0)!
  const digits = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}

/** A literal block (`|`), its header with the indentation when the text starts with a space or break. */
function literal(value: string, indent: number): string {
  const first = value[0]!
  const hint = first === ' ' || isBreak(first) ? '2' : ''
  const keep = !isBreak(value.at(-1)!) ? '-' : value.length === 1 || isBreak(value.at(-2)!) ? '+' : ''
  const pad = ' '.repeat(indent)
  const ends = keep === '-' ? value : value.slice(0, -1)
  const body = ends
    .split('\n')
    .map(line => (line === '' ? '' : pad + line))
    .join('\n')
  return `|${hint}${keep}\n${body}`
}
