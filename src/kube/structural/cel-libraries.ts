import type { Environment } from '@marcbachmann/cel-js'
import { registerAddresses } from './cel-addresses.ts'
import { registerQuantities } from './cel-quantities.ts'
import { compileGoRegExp } from './go-regexp.ts'

/**
 * Kubernetes' function libraries for CEL (documentation: "Common Expression Language in Kubernetes", CEL libraries):
 * strings, lists, sets, regular expressions, URLs, addresses and quantities.
 */
export function registerLibraries(env: Environment): Environment {
  registerStrings(env)
  registerLists(env)
  registerRegexp(env)
  registerUrls(env)
  registerAddresses(env)
  registerQuantities(env)
  return env
}

function registerStrings(env: Environment): void {
  env.registerFunction('string.charAt(int): string', (text: string, at: bigint) => {
    const characters = [...text]
    if (at < 0n || at > BigInt(characters.length)) throw new Error(`index out of range: ${at}`)
    return characters[Number(at)] ?? ''
  })
  env.registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
    text.replaceAll(from, () => to),
  )
  env.registerFunction(
    'string.replace(string, string, int): string',
    (text: string, from: string, to: string, limit: bigint) => {
      if (limit < 0n) return text.replaceAll(from, () => to)
      let left = limit
      return text.replaceAll(from, seen => (left-- > 0n ? to : seen))
    },
  )
  env.registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
  env.registerFunction('string.format(list): string', (pattern: string, values: unknown[]) => format(pattern, values))
}

/** `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X`, `%o` and `%%`, with a precision for floats. */
function format(pattern: string, values: readonly unknown[]): string {
  let next = 0
  return pattern.replace(/%(?:\.(\d+))?([sdfebxXo%])/g, (_, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%'
    if (next >= values.length) throw new Error(`index ${next} out of range`)
    const value = values[next++]
    const digits = precision === undefined ? 6 : Number(precision)
    if (verb === 's' || verb === 'd') return show(value)
    if (verb === 'f') return Number(value).toFixed(digits)
    if (verb === 'e')
      return Number(value)
        .toExponential(digits)
        .replace(/e([+-])(\d)$/, 'e$10$2')
    const number = typeof value === 'boolean' ? (value ? 1n : 0n) : (value as bigint)
    if (verb === 'b') return number.toString(2)
    if (verb === 'o') return number.toString(8)
    const hex = typeof value === 'string' ? Buffer.from(value).toString('hex') : number.toString(16)
    return verb === 'X' ? hex.toUpperCase() : hex
  })
}

function show(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z')
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${show(key)}: ${show(item)}`).join(', ')}}`
  }
  return String(value)
}

function registerLists(env: Environment): void {
  env.registerFunction('list.isSorted(): bool', (list: unknown[]) =>
    list.every((item, i) => i === 0 || compare(list[i - 1], item) <= 0),
  )
  env.registerFunction('list.sum(): dyn', (list: unknown[]) =>
    list.reduce<unknown>(
      (total, item) =>
        typeof item === 'bigint' ? ((total ?? 0n) as bigint) + item : Number(total ?? 0) + Number(item),
      list.length === 0 ? 0n : undefined,
    ),
  )
  env.registerFunction('list.min(): dyn', (list: unknown[]) => extreme(list, 'min', -1))
  env.registerFunction('list.max(): dyn', (list: unknown[]) => extreme(list, 'max', 1))
  env.registerFunction('list.indexOf(dyn): int', (list: unknown[], item: unknown) =>
    BigInt(list.findIndex(other => compare(other, item) === 0)),
  )
  env.registerFunction('list.lastIndexOf(dyn): int', (list: unknown[], item: unknown) =>
    BigInt(list.findLastIndex(other => compare(other, item) === 0)),
  )
  const has = (list: unknown[], item: unknown): boolean => list.some(other => compare(other, item) === 0)
  env.registerType('kubernetes.Sets', { ctor: Sets, fields: {} })
  env.registerConstant('sets', 'kubernetes.Sets', new Sets())
  env.registerFunction('kubernetes.Sets.contains(list, list): bool', (_: Sets, list: unknown[], part: unknown[]) =>
    part.every(item => has(list, item)),
  )
  env.registerFunction(
    'kubernetes.Sets.equivalent(list, list): bool',
    (_: Sets, left: unknown[], right: unknown[]) =>
      left.every(item => has(right, item)) && right.every(item => has(left, item)),
  )
  env.registerFunction('kubernetes.Sets.intersects(list, list): bool', (_: Sets, left: unknown[], right: unknown[]) =>
    left.some(item => has(right, item)),
  )
}

/** The receiver of `sets.contains(…)`. */
class Sets {}

function compare(left: unknown, right: unknown): number {
  if (left === right) return 0
  if (left instanceof Date && right instanceof Date) return left.getTime() - right.getTime()
  if (typeof left === typeof right || (isNumber(left) && isNumber(right))) {
    return (left as string) < (right as string) ? -1 : (left as string) > (right as string) ? 1 : 0
  }
  return Number.NaN
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

function extreme(list: readonly unknown[], name: string, sign: number): unknown {
  if (list.length === 0) throw new Error(`${name} called on empty list`)
  return list.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best))
}

/** The name under which our `matches` is registered, see `useGoPatterns`. */
export const goMatches = 'goMatches'

function registerRegexp(env: Environment): void {
  const matches = (text: string, pattern: string): boolean => {
    const expression = compileGoRegExp(pattern)
    if (typeof expression === 'string') throw new Error(expression)
    return expression.test(text)
  }
  env.registerFunction(`string.${goMatches}(string): bool`, matches)
  env.registerFunction('matches(string, string): bool', matches)
  const all = (text: string, pattern: string): string[] => {
    const expression = compileGoRegExp(pattern)
    if (typeof expression === 'string') throw new Error(`Illegal regex: ${expression}`)
    return [...text.matchAll(new RegExp(expression.source, `${expression.flags}g`))].map(match => match[0])
  }
  env.registerFunction('string.find(string): string', (text: string, pattern: string) => all(text, pattern)[0] ?? '')
  env.registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => all(text, pattern))
  env.registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) =>
    limit < 0n ? all(text, pattern) : all(text, pattern).slice(0, Number(limit)),
  )
}

/** A URL of the `url()` function: absolute, or an absolute path. */
class CelUrl {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string

  private constructor(parts: { scheme: string; host: string; path: string; query: string }) {
    this.scheme = parts.scheme
    this.host = parts.host
    this.path = parts.path
    this.query = parts.query
  }

  static parse(text: string): CelUrl | undefined {
    const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?]*))?(\/[^?]*)?(?:\?(.*))?$/.exec(text)
    if (match === null || /[\x00-\x20\x7f]/.test(text)) return undefined
    const [, scheme = '', authority, path = '', query = ''] = match
    if (scheme === '' && (authority !== undefined || !path.startsWith('/'))) return undefined
    if (scheme !== '' && authority === undefined && path === '') return undefined
    const host = (authority ?? '').replace(/^.*@/, '')
    if (!/^(\[[0-9a-fA-F:.%]*\]|[^:[\]]*)(:\d*)?$/.test(host) || /%(?![0-9a-fA-F]{2})/.test(path)) return undefined
    return new CelUrl({ scheme: scheme.toLowerCase(), host, path, query })
  }
}

function registerUrls(env: Environment): void {
  env.registerType('kubernetes.URL', { ctor: CelUrl, fields: {} })
  env.registerFunction('url(string): kubernetes.URL', (text: string) => {
    const url = CelUrl.parse(text)
    if (url === undefined)
      throw new Error(`URL parse error during conversion from string: parse ${JSON.stringify(text)}`)
    return url
  })
  env.registerFunction('isURL(string): bool', (text: string) => CelUrl.parse(text) !== undefined)
  env.registerFunction('kubernetes.URL.getScheme(): string', (url: CelUrl) => url.scheme)
  env.registerFunction('kubernetes.URL.getHost(): string', (url: CelUrl) => url.host)
  env.registerFunction('kubernetes.URL.getHostname(): string', (url: CelUrl) =>
    url.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1'),
  )
  env.registerFunction('kubernetes.URL.getPort(): string', (url: CelUrl) => /:(\d+)$/.exec(url.host)?.[1] ?? '')
  env.registerFunction('kubernetes.URL.getEscapedPath(): string', (url: CelUrl) => encodeURI(decodeURI(url.path)))
  env.registerFunction('kubernetes.URL.getQuery(): map<string, list<string>>', (url: CelUrl) => {
    const out = new Map<string, string[]>()
    for (const [key, value] of new URLSearchParams(url.query)) out.set(key, [...(out.get(key) ?? []), value])
    return out
  })
}
