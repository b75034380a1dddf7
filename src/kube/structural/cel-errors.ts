/** What the expression library throws: a message, a stable code and the place in the expression. */
interface LibraryError {
  readonly message: string
  readonly code?: string
  readonly node?: { readonly pos?: number }
}

const conversions: Readonly<Record<string, string>> = {
  int_conversion_error: 'int',
  invalid_timestamp: 'google.protobuf.Timestamp',
  invalid_duration: 'google.protobuf.Duration',
}

/** Why an evaluation gave no value, in the words of cel-go, which the API server repeats to clients. */
export function evaluationText(error: unknown): string {
  const { message, code = '' } = asLibraryError(error)
  const line = firstLine(message)
  switch (code) {
    case 'modulo_by_zero':
      return 'modulus by zero'
    case 'index_out_of_bounds':
      return `index out of bounds: ${/index (-?\d+)/.exec(line)?.[1] ?? ''}`
    case 'no_such_overload':
      return 'no such overload'
    case 'numeric_overflow':
      return 'integer overflow'
  }
  const target = conversions[code]
  return target === undefined ? lowerFirst(line) : `type conversion error from 'string' to '${target}'`
}

/** Why an expression does not compile, in the form of cel-go: place, complaint, the expression and a mark below it. */
export function problemText(error: unknown, expression: string): string {
  const { message, node } = asLibraryError(error)
  const at = node?.pos ?? 0
  const place = `1:${at + 1}`
  return `compilation failed: ERROR: <input>:${place}: ${complaint(firstLine(message))}\n | ${expression}\n | ${'.'.repeat(at)}^`
}

const complaints: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [/^No such key: (.+)$/, match => `undefined field '${match[1]}'`],
  [/^Unknown variable: (.+)$/, match => `undeclared reference to '${match[1]}' (in container '')`],
  [
    /^no such overload: (.+) (==|!=|<=|>=|<|>|\+|-|\*|\/|%|in) (.+)$/,
    match =>
      `found no matching overload for '${match[2] === 'in' ? '@in' : `_${match[2]}_`}' applied to '(${match[1]}, ${match[3]})'`,
  ],
  [
    /^no such overload: ([!-])(.+)$/,
    match => `found no matching overload for '${match[1]}_' applied to '(${match[2]})'`,
  ],
  [
    /^found no matching overload for '([^.(]+)\((.*)\)'$/,
    match => `found no matching overload for '${match[1]}' applied to '(${match[2]})'`,
  ],
  [
    /^found no matching overload for '(.+)\.(\w+)\((.*)\)'$/,
    match => `found no matching overload for '${match[2]}' applied to '${match[1]}.(${match[3]})'`,
  ],
  [/^(Unexpected token|Unterminated|Expected) ?(.*)$/, match => `Syntax error: ${match[0]}`],
]

function complaint(line: string): string {
  for (const [pattern, write] of complaints) {
    const match = pattern.exec(line)
    if (match !== null) return write(match)
  }
  return lowerFirst(line)
}

function asLibraryError(error: unknown): LibraryError {
  return error instanceof Error ? (error as unknown as LibraryError) : { message: String(error) }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
