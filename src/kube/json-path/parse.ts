/** One step of a path. */
export type JsonPathStep =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | {
      readonly kind: 'slice'
      readonly from?: number
      readonly to?: number
      readonly by?: number
      readonly single: boolean
    }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'filter'; readonly left: Operand; readonly operator: string; readonly right?: Operand }

/** A side of a filter's comparison: a path from the item, or a value. */
export type Operand = { readonly path: JsonPath } | { readonly value: string | number | boolean | null }

/** A parsed path. */
export type JsonPath = readonly JsonPathStep[]

/**
 * Parses a path of Kubernetes' JSONPath, as printer columns and `kubectl -o jsonpath` use it, without the braces:
 * `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.spec.ports[*].port`, `.metadata.labels.a\.b`,
 * `['a.b']`, `[-1:]`, `..name`. Contract: Kubernetes documentation, "JSONPath Support".
 */
export function parseJsonPath(text: string): { readonly path: JsonPath } | { readonly problem: string } {
  if (!text.startsWith('.')) return { problem: 'must be a simple json path starting with .' }
  const steps = parseSteps(text)
  return steps === undefined ? { problem: 'is an invalid JSON path' } : { path: steps }
}

function parseSteps(text: string): JsonPathStep[] | undefined {
  const steps: JsonPathStep[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === '.') {
      if (text[at + 1] === '.') {
        steps.push({ kind: 'recursive' })
        at++
      }
      at++
      if (at >= text.length || text[at] === '[') continue
      const field = /^(?:\\.|[^.[\]\s\\])+/.exec(text.slice(at))
      if (field === null) return undefined
      const name = field[0].replace(/\\(.)/g, '$1')
      steps.push(field[0] === '*' ? { kind: 'wildcard' } : { kind: 'field', name })
      at += field[0].length
    } else if (text[at] === '[') {
      const end = closingBracket(text, at)
      const step = end < 0 ? undefined : parseBracket(text.slice(at + 1, end).trim())
      if (step === undefined) return undefined
      steps.push(step)
      at = end + 1
    } else return undefined
  }
  return steps
}

/** The index of the bracket that closes the one at `start`, quotes and inner brackets left out; -1 when there is none. */
function closingBracket(text: string, start: number): number {
  let depth = 0
  let quote = ''
  for (let i = start; i < text.length; i++) {
    const c = text[i]!
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '[') depth++
    else if (c === ']' && --depth === 0) return i
  }
  return -1
}

function parseBracket(inside: string): JsonPathStep | undefined {
  if (inside === '*') return { kind: 'wildcard' }
  if (/^-?\d+$/.test(inside)) {
    const index = Number(inside)
    return { kind: 'slice', from: index, single: true }
  }
  const slice = /^(-?\d+)?:(-?\d+)?(?::(-?\d+)?)?$/.exec(inside)
  if (slice !== null) {
    const number = (digits: string | undefined): number | undefined =>
      digits === undefined ? undefined : Number(digits)
    const [from, to, by] = [number(slice[1]), number(slice[2]), number(slice[3])]
    return {
      kind: 'slice',
      single: false,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(by === undefined ? {} : { by }),
    }
  }
  const filter = /^\?\((.*)\)$/s.exec(inside)
  if (filter !== null) return parseFilter(filter[1]!.trim())
  const names = inside.match(/^('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(\s*,\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*$/)
  if (names === null) return undefined
  const quoted = inside.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g) ?? []
  return { kind: 'names', names: quoted.map(name => name.slice(1, -1).replace(/\\(.)/g, '$1')) }
}

function parseFilter(text: string): JsonPathStep | undefined {
  const operator = /(==|!=|<=|>=|<|>)(?=(?:[^"']|"[^"]*"|'[^']*')*$)/.exec(text)
  if (operator === null) {
    const left = parseOperand(text)
    return left === undefined ? undefined : { kind: 'filter', left, operator: 'exists' }
  }
  const left = parseOperand(text.slice(0, operator.index).trim())
  const right = parseOperand(text.slice(operator.index + operator[0].length).trim())
  if (left === undefined || right === undefined) return undefined
  return { kind: 'filter', left, operator: operator[0], right }
}

function parseOperand(text: string): Operand | undefined {
  if (text.startsWith('@')) {
    const path = parseSteps(text.slice(1))
    return path === undefined ? undefined : { path }
  }
  const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')$/.exec(text)
  if (quoted !== null) return { value: (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1') }
  if (/^-?\d+(\.\d+)?$/.test(text)) return { value: Number(text) }
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  return text === 'null' || text === 'nil' ? { value: null } : undefined
}
