/**
 * Regular expressions of Go (RE2), which CRD patterns are written in, as JavaScript ones.
 * What differs: `(?i)` and other flags at the front or in a group, `\A`, `\z`, `\Q…\E`, `(?P<name>`, POSIX classes,
 * `\pL`, `\C`, `\a`, octal and `\x{…}` escapes, and lookarounds and back references, which Go does not have.
 */
export interface GoRegExp {
  /** The expression and its flags in JavaScript's syntax, for uses other than a test. */
  readonly source: string
  readonly flags: string
  /** Whether a text holds a match, anywhere. */
  test(text: string): boolean
}

const cache = new Map<string, GoRegExp | string>()

/** Compiles a pattern; a text instead of an expression is Go's complaint: ``missing closing ): `(` ``. */
export function compileGoRegExp(pattern: string): GoRegExp | string {
  let compiled = cache.get(pattern)
  if (compiled === undefined) {
    compiled = make(pattern)
    if (cache.size > 2000) cache.clear()
    cache.set(pattern, compiled)
  }
  return compiled
}

function make(pattern: string): GoRegExp | string {
  const problem = complaint(pattern)
  if (problem !== undefined) return problem
  const { source, flags } = translate(pattern)
  const unicode = compile(source, `${flags}u`) ?? compile(source, flags)
  if (unicode === undefined) return `error parsing regexp: invalid or unsupported Perl syntax: \`${pattern}\``
  // Without the Unicode flag V8 can fall back to its linear engine on patterns that backtrack too much. The two differ
  // only on characters beyond the basic plane: a text's are replaced by one private character each, so that a single one
  // cannot bring the slow engine back; a pattern with such characters keeps the Unicode flag.
  const plain = /\\[pPu]|[\ud800-\udfff]/.test(source) ? undefined : compile(source, flags)
  if (plain === undefined) return unicode
  return { source, flags: unicode.flags, test: text => plain.test(text.replace(surrogatePair, privateCharacter)) }
}

const surrogatePair = /[\ud800-\udbff][\udc00-\udfff]/g
const privateCharacter = '\ue000'

function compile(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags)
  } catch {
    return undefined
  }
}

/** The errors of Go's parser that patterns in the wild have; undefined when there is none. */
function complaint(pattern: string): string | undefined {
  let depth = 0
  let quoted = false
  let repeatable = false
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    if (quoted) {
      if (c === '\\' && pattern[i + 1] === 'E') {
        quoted = false
        i++
      }
      continue
    }
    if (c === '\\') {
      const next = pattern[i + 1]
      if (next === undefined) return 'error parsing regexp: trailing backslash at end of expression: ``'
      if (next === 'Q') quoted = true
      else if (/[1-9ceghijlmoquyEFGHIJKLMNORTUVXYZ]/.test(next)) {
        return `error parsing regexp: invalid escape sequence: \`\\${next}\``
      }
      i++
      repeatable = true
    } else if (c === '[') {
      const end = classEnd(pattern, i)
      if (end < 0) return `error parsing regexp: missing closing ]: \`${pattern.slice(i)}\``
      i = end
      repeatable = true
    } else if (c === '(') {
      if (pattern[i + 1] === '?') {
        const group = /^\(\?(P?<[A-Za-z_]\w*>|[imsU-]*[:)])/.exec(pattern.slice(i))
        if (group === null) {
          const seen = /^\(\?(<?[=!]|.)?/.exec(pattern.slice(i))?.[0] ?? '(?'
          return `error parsing regexp: invalid or unsupported Perl syntax: \`${seen}\``
        }
        i += group[0].length - 1
        if (group[0].endsWith(')')) continue
      }
      depth++
      repeatable = false
    } else if (c === ')') {
      if (depth-- === 0) return `error parsing regexp: unexpected ): \`${pattern}\``
      repeatable = true
    } else if (c === '*' || c === '+' || c === '?') {
      if (!repeatable) return `error parsing regexp: missing argument to repetition operator: \`${c}\``
      if (pattern[i + 1] === '?') i++
      if (/[*+?]/.test(pattern[i + 1] ?? '')) {
        return `error parsing regexp: invalid nested repetition operator: \`${pattern.slice(pattern[i] === '?' && c !== '?' ? i - 1 : i, i + 2)}\``
      }
    } else if (c === '{') {
      const count = /^\{(\d+)(,(\d*))?\}/.exec(pattern.slice(i))
      if (count !== null) {
        if (!repeatable) return `error parsing regexp: missing argument to repetition operator: \`${count[0]}\``
        const [low, high] = [Number(count[1]), count[3] ? Number(count[3]) : Number(count[1])]
        if (low > 1000 || high > 1000 || high < low) {
          return `error parsing regexp: invalid repeat count: \`${count[0]}\``
        }
        i += count[0].length - 1
      }
      repeatable = true
    } else repeatable = c !== '|'
  }
  return depth > 0 ? `error parsing regexp: missing closing ): \`${pattern}\`` : undefined
}

/** The index of the `]` that closes the class at `start`, or -1. A `]` right after `[` or `[^` is a member. */
function classEnd(pattern: string, start: number): number {
  let i = start + 1
  if (pattern[i] === '^') i++
  if (pattern[i] === ']') i++
  for (; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++
    else if (pattern.startsWith('[:', i)) {
      const end = pattern.indexOf(':]', i + 2)
      if (end > 0) i = end + 1
    } else if (pattern[i] === ']') return i
  }
  return -1
}

const posix: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

function translate(pattern: string): { source: string; flags: string } {
  let flags = ''
  let rest = pattern
  const leading = /^\(\?([ims]+)\)/.exec(pattern)
  if (leading !== null) {
    flags += [...new Set(leading[1])].join('')
    rest = pattern.slice(leading[0].length)
  }
  let out = ''
  for (let i = 0; i < rest.length; i++) {
    const c = rest[i]!
    if (c === '\\') {
      const [text, used] = escapeAt(rest, i, false)
      out += text
      i += used - 1
    } else if (c === '[') {
      const end = classEnd(rest, i)
      out += translateClass(rest.slice(i, end + 1))
      i = end
    } else if (c === '(' && rest.startsWith('(?P<', i)) {
      out += '(?<'
      i += 3
    } else if (c === '(' && /^\(\?[imsU-]+:/.test(rest.slice(i))) {
      // Flags of one group are not in JavaScript of this age: the group is kept, its flags are lost.
      out += '(?:'
      i = rest.indexOf(':', i)
    } else if (c === '{' && !/^\{\d+(,\d*)?\}/.test(rest.slice(i))) out += '\\{'
    else if (c === '}' && !/\{\d+(,\d*)?$/.test(rest.slice(0, i))) out += '\\}'
    else if (c === ']') out += '\\]'
    else if (c === '$' && !flags.includes('m')) out += '$'
    else out += c
  }
  return { source: out, flags }
}

function escapeAt(text: string, at: number, inClass: boolean): [string, number] {
  const next = text[at + 1] ?? ''
  if (next === 'A') return ['^', 2]
  if (next === 'z') return ['$', 2]
  if (next === 'C') return ['[^]', 2]
  if (next === 'a') return ['\\x07', 2]
  if (next === 'Q') {
    const end = text.indexOf('\\E', at)
    const literal = text.slice(at + 2, end < 0 ? undefined : end)
    return [literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), literal.length + (end < 0 ? 2 : 4)]
  }
  const property = /^\\([pP])([A-Z])/.exec(text.slice(at))
  if (property !== null) return [`\\${property[1]}{${property[2]}}`, 3]
  const hex = /^\\x\{([0-9a-fA-F]+)\}/.exec(text.slice(at))
  if (hex !== null) return [`\\u{${hex[1]}}`, hex[0].length]
  const octal = /^\\(0[0-7]{0,2})/.exec(text.slice(at))
  if (octal !== null) {
    return [`\\x${Number.parseInt(octal[1]!, 8).toString(16).padStart(2, '0')}`, octal[0].length]
  }
  // Go's \s has no vertical tab and no Unicode spaces.
  if (next === 's') return [inClass ? '\\t\\n\\f\\r ' : '[\\t\\n\\f\\r ]', 2]
  if (next === 'S' && !inClass) return ['[^\\t\\n\\f\\r ]', 2]
  if (/[A-Za-z0-9]/.test(next)) return [`\\${next}`, 2]
  // Any punctuation may be escaped in Go; with the Unicode flag JavaScript allows only its own syntax characters.
  return [/[\^$\\.*+?()[\]{}|/]/.test(next) || (inClass && next === '-') ? `\\${next}` : next, 2]
}

function translateClass(text: string): string {
  let i = 1
  let out = '['
  if (text[i] === '^') {
    out += '^'
    i++
  }
  for (let first = true; i < text.length - 1; i++, first = false) {
    const c = text[i]!
    if (c === ']' && first) out += '\\]'
    else if (c === '\\') {
      const [made, used] = escapeAt(text, i, true)
      out += made
      i += used - 1
    } else if (text.startsWith('[:', i)) {
      const end = text.indexOf(':]', i)
      const name = text.slice(i + 2, end)
      out += posix[name] ?? ''
      i = end + 1
    } else if (c === '[') out += '\\['
    else if (c === '-' && (i === text.length - 2 || first)) out += '\\-'
    else out += c
  }
  return `${out}]`
}
