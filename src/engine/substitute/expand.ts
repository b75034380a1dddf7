import { applyOperator, suppliesDefault } from './functions.ts'

/** Why a text could not be expanded, in Flux's words. */
export class ExpansionError extends Error {}

/** Nesting beyond this is refused: `${a:=${b:=…}}`. */
const deepest = 64

const letterDigit = /[\p{L}\p{Nd}_]/u

/**
 * Expands `${…}` expressions as Flux's post-build substitution does. A bare `$NAME` is left alone, `$$` becomes `$`
 * everywhere in plain text (so `$${NAME}` yields the text `${NAME}`), and what is put in is not scanned again.
 * Strict: a variable that is not set and has no default is an error.
 *
 * @example
 * expand('zone: ${region:=eu-west-1}a', new Map()) // 'zone: eu-west-1a'
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  if (!text.includes('$')) return text
  return new Expander(text, variables).plain()
}

/** Which characters belong to a parameter, and whether `\/`, `\\` and `$$` are escapes in it. */
interface ParameterRule {
  readonly ends: string
  readonly escapes: boolean
}

const untilClose: ParameterRule = { ends: '}', escapes: false }
const untilColonOrClose: ParameterRule = { ends: ':}', escapes: false }
const pattern: ParameterRule = { ends: '/', escapes: true }
const replacement: ParameterRule = { ends: '}', escapes: true }

class Expander {
  readonly #text: string
  readonly #variables: ReadonlyMap<string, string>
  #at = 0
  #depth = 0

  constructor(text: string, variables: ReadonlyMap<string, string>) {
    this.#text = text
    this.#variables = variables
  }

  plain(): string {
    let out = ''
    for (;;) {
      const dollar = this.#text.indexOf('$', this.#at)
      if (dollar < 0) return out + this.#text.slice(this.#at)
      out += this.#text.slice(this.#at, dollar)
      const next = this.#text[dollar + 1]
      this.#at = dollar + (next === '$' || next === '{' ? 2 : 1)
      out += next === '{' ? this.#expression() : '$'
    }
  }

  /** The value of an expression; the cursor stands behind its `${`. */
  #expression(): string {
    if (++this.#depth > deepest) throw new ExpansionError('bad substitution')
    const value = this.#peek() === '#' ? this.#length() : this.#named()
    this.#depth--
    return value
  }

  #length(): string {
    this.#at++
    const name = this.#name('bad substitution')
    this.#close()
    return this.#value(name, '#', [])
  }

  #named(): string {
    const name = this.#name('unable to parse variable name')
    const next = this.#peek()
    if (next === '}') {
      this.#at++
      return this.#value(name, '', [])
    }
    if (next === ':') return this.#defaultOrSubstring(name)
    if (next === '=') return this.#default(name, this.#operator(1))
    if (next === ',' || next === '^') {
      const second = this.#text[this.#at + 1]
      const operator = this.#operator(second === ',' || second === '^' ? 2 : 1)
      this.#close()
      return this.#value(name, operator, [])
    }
    if (next === '#' || next === '%') {
      const operator = this.#operator(this.#text[this.#at + 1] === next ? 2 : 1)
      const glob = this.#parameter(untilClose)
      this.#close()
      return this.#value(name, operator, [glob])
    }
    if (next === '/') return this.#replace(name)
    throw new ExpansionError('missing closing brace')
  }

  #defaultOrSubstring(name: string): string {
    if ('=-?+'.includes(this.#text[this.#at + 1] ?? ' ')) return this.#default(name, this.#operator(2))
    this.#at++
    const args = [this.#parameter(untilColonOrClose)]
    if (this.#peek() === ':') {
      while (this.#peek() === ':') this.#at++
      args.push(this.#parameter(untilClose))
    }
    this.#close()
    return this.#value(name, ':', args)
  }

  #default(name: string, operator: string): string {
    const args: string[] = []
    while (this.#peek() !== '}') args.push(this.#parameter(untilClose))
    this.#close()
    return this.#value(name, operator, args)
  }

  #replace(name: string): string {
    const operator = this.#operator('/#%'.includes(this.#text[this.#at + 1] ?? ' ') ? 2 : 1)
    const args = [this.#peek() === '/' ? '' : this.#parameter(pattern)]
    if (this.#peek() !== '/') throw new ExpansionError('bad substitution')
    while (this.#peek() === '/') this.#at++
    if (this.#peek() !== '}') args.push(this.#parameter(replacement))
    this.#close()
    return this.#value(name, operator, args)
  }

  /** One parameter: a nested expression, or text up to a closing character or the next `${`. Never empty. */
  #parameter(rule: ParameterRule): string {
    if (this.#startsExpression()) {
      this.#at += 2
      return this.#expression()
    }
    const start = this.#at
    let out = ''
    while (this.#at < this.#text.length && !rule.ends.includes(this.#peek()!) && !this.#startsExpression()) {
      const here = this.#peek()!
      const next = this.#text[this.#at + 1]
      const escaped =
        rule.escapes && ((here === '$' && next === '$') || (here === '\\' && (next === '/' || next === '\\')))
      out += escaped ? next : here
      this.#at += escaped ? 2 : 1
    }
    if (this.#at === start) throw new ExpansionError('unable to parse substitution within function')
    return out
  }

  #name(failure: string): string {
    const start = this.#at
    for (;;) {
      const code = this.#text.codePointAt(this.#at)
      if (code === undefined) break
      const char = String.fromCodePoint(code)
      if (!letterDigit.test(char)) break
      this.#at += char.length
    }
    if (this.#at === start) throw new ExpansionError(failure)
    return this.#text.slice(start, this.#at)
  }

  #operator(length: number): string {
    this.#at += length
    return this.#text.slice(this.#at - length, this.#at)
  }

  #close(): void {
    if (this.#peek() !== '}') throw new ExpansionError('bad substitution')
    this.#at++
  }

  #peek(): string | undefined {
    return this.#text[this.#at]
  }

  #startsExpression(): boolean {
    return this.#text.startsWith('${', this.#at)
  }

  #value(name: string, operator: string, args: readonly string[]): string {
    const value = this.#variables.get(name)
    if (value === undefined && !suppliesDefault(operator)) {
      throw new ExpansionError(`variable not set (strict mode): ${JSON.stringify(name)}`)
    }
    return applyOperator(operator, value ?? '', args)
  }
}
