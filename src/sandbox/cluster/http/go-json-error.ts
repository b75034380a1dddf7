/**
 * What Go's decoder says about text that is no JSON: clients and people know these sentences. Undefined for valid text.
 * Follows the states of `encoding/json`'s scanner.
 */
export function goJsonError(text: string): string | undefined {
  const scanner = new Scanner(text)
  try {
    scanner.value()
    scanner.end()
    return undefined
  } catch (error) {
    if (error instanceof JsonComplaint) return error.message
    throw error
  }
}

class JsonComplaint extends Error {}

const literals: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' }

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): void {
    const char = this.#next()
    if (char === '{') this.#object()
    else if (char === '[') this.#array()
    else if (char === '"') this.#string()
    else if (char === '-' || (char >= '0' && char <= '9')) this.#number(char)
    else if (literals[char]) this.#literal(literals[char])
    else throw this.#invalid(char, 'looking for beginning of value')
  }

  end(): void {
    this.#blanks()
    const char = this.#text[this.#at]
    if (char !== undefined) throw this.#invalid(char, 'after top-level value')
  }

  #object(): void {
    let char = this.#next()
    if (char === '}') return
    for (;;) {
      if (char !== '"') throw this.#invalid(char, 'looking for beginning of object key string')
      this.#string()
      char = this.#next()
      if (char !== ':') throw this.#invalid(char, 'after object key')
      this.value()
      char = this.#next()
      if (char === '}') return
      if (char !== ',') throw this.#invalid(char, 'after object key:value pair')
      char = this.#next()
    }
  }

  #array(): void {
    this.#blanks()
    if (this.#text[this.#at] === ']') {
      this.#at++
      return
    }
    for (;;) {
      this.value()
      const char = this.#next()
      if (char === ']') return
      if (char !== ',') throw this.#invalid(char, 'after array element')
    }
  }

  #string(): void {
    for (;;) {
      const char = this.#take()
      if (char === '"') return
      if (char < ' ') throw this.#invalid(char, 'in string literal')
      if (char !== '\\') continue
      const escaped = this.#take()
      if (escaped === 'u') {
        for (let i = 0; i < 4; i++) {
          const digit = this.#take()
          if (!/[0-9a-fA-F]/.test(digit)) throw this.#invalid(digit, 'in \\u hexadecimal character escape')
        }
      } else if (!'"\\/bfnrt'.includes(escaped)) throw this.#invalid(escaped, 'in string escape code')
    }
  }

  #number(first: string): void {
    let char = first
    if (char === '-') {
      char = this.#take()
      if (char < '0' || char > '9') throw this.#invalid(char, 'in numeric literal')
    }
    if (char !== '0') this.#digits()
    if (this.#text[this.#at] === '.') {
      this.#at++
      const digit = this.#take()
      if (digit < '0' || digit > '9') throw this.#invalid(digit, 'after decimal point in numeric literal')
      this.#digits()
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++
      const digit = this.#take()
      if (digit < '0' || digit > '9') throw this.#invalid(digit, 'in exponent of numeric literal')
      this.#digits()
    }
  }

  #digits(): void {
    while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #literal(word: string): void {
    for (const expected of word.slice(1)) {
      const char = this.#take()
      if (char !== expected) throw this.#invalid(char, `in literal ${word} (expecting '${expected}')`)
    }
  }

  #next(): string {
    this.#blanks()
    return this.#take()
  }

  #take(): string {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) throw new JsonComplaint('unexpected end of JSON input')
    const char = String.fromCodePoint(code)
    this.#at += char.length
    return char
  }

  #blanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }

  #invalid(char: string, where: string): JsonComplaint {
    const shown = char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${JSON.stringify(char).slice(1, -1)}'`
    return new JsonComplaint(`invalid character ${shown} ${where}`)
  }
}
