import { matchingPrefixes } from './glob.ts'

/**
 * What each operator of `${name<operator>…}` does to a value. Flux's rules, not POSIX': every default operator (`=`, `:=`,
 * `:-`, `:?`, `:+`) gives the default when the value is unset or empty; lengths and offsets count bytes of UTF-8.
 */
export function applyOperator(operator: string, value: string, args: readonly string[]): string {
  switch (operator) {
    case ',':
      return mapFirst(value, char => char.toLowerCase())
    case ',,':
      return value.toLowerCase()
    case '^':
      return mapFirst(value, char => char.toUpperCase())
    case '^^':
      return value.toUpperCase()
    case '#':
      return args.length === 0 ? String(Buffer.byteLength(value)) : trimPrefix(value, args[0]!, 'shortest')
    case '##':
      return trimPrefix(value, args[0] ?? '', 'longest')
    case '%':
      return trimSuffix(value, args[0] ?? '', 'shortest')
    case '%%':
      return trimSuffix(value, args[0] ?? '', 'longest')
    case ':':
      return substring(value, args)
    case '/':
      return replaceFirst(value, args[0] ?? '', args[1] ?? '')
    case '//':
      return value.replaceAll(args[0] ?? '', () => args[1] ?? '')
    case '/#':
      return args.length === 2 && value.startsWith(args[0]!) ? args[1]! + value.slice(args[0]!.length) : value
    case '/%':
      return args.length === 2 && value.endsWith(args[0]!)
        ? value.slice(0, value.length - args[0]!.length) + args[1]!
        : value
    default:
      return value === '' && args.length > 0 ? args.join('') : value
  }
}

/** Operators that supply a value themselves when the variable is unset, so that strict mode lets them pass. */
export function suppliesDefault(operator: string): boolean {
  return operator === '=' || (operator.length === 2 && operator.startsWith(':'))
}

function mapFirst(text: string, change: (char: string) => string): string {
  const [first = ''] = text
  return change(first) + text.slice(first.length)
}

function replaceFirst(text: string, from: string, to: string): string {
  const at = text.indexOf(from)
  return at < 0 ? text : text.slice(0, at) + to + text.slice(at + from.length)
}

function trimPrefix(text: string, pattern: string, which: 'shortest' | 'longest'): string {
  const lengths = matchingPrefixes(pattern, text) ?? []
  const cut = which === 'shortest' ? lengths[0] : lengths.at(-1)
  return cut === undefined ? text : text.slice(cut)
}

/** Flux matches suffixes by reversing text and pattern both; so do we, to agree on odd patterns. */
function trimSuffix(text: string, pattern: string, which: 'shortest' | 'longest'): string {
  return reverse(trimPrefix(reverse(text), reverse(pattern), which))
}

function reverse(text: string): string {
  return [...text].reverse().join('')
}

const wholeNumber = /^[+-]?[0-9]{1,15}$/

function substring(text: string, args: readonly string[]): string {
  if (args.some(arg => !wholeNumber.test(arg))) return text
  const bytes = Buffer.from(text)
  const [offset = 0, length] = args.map(Number)
  const from = offset < 0 ? Math.max(0, bytes.length + offset) : offset
  if (length === undefined) return bytes.subarray(from).toString()
  const to = length < 0 ? bytes.length + length : Math.min(bytes.length, from + length)
  return to <= from ? '' : bytes.subarray(from, to).toString()
}
