/** One step of a shell pattern. */
type Step =
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | {
      readonly kind: 'set'
      readonly negated: boolean
      readonly ranges: readonly (readonly [number, number])[]
    }

/**
 * The lengths (in UTF-16 units) of the non-empty beginnings of `text` that match a shell pattern: `*` (any run, also over
 * `/`), `?`, `[a-z]`, `[^a-z]` and `\c`. Undefined when the pattern is malformed. One pass, whatever the pattern.
 */
export function matchingPrefixes(pattern: string, text: string): number[] | undefined {
  const steps = compile(pattern)
  if (steps === undefined) return undefined
  const lengths: number[] = []
  let states = closure(steps, new Set([0]))
  let at = 0
  for (const char of text) {
    const code = char.codePointAt(0)!
    const next = new Set<number>()
    for (const state of states) {
      const step = steps[state]
      if (step === undefined) continue
      if (step.kind === 'star') next.add(state)
      else if (step.kind === 'any' || inSet(step, code)) next.add(state + 1)
    }
    if (next.size === 0) break
    states = closure(steps, next)
    at += char.length
    if (states.has(steps.length)) lengths.push(at)
  }
  return lengths
}

/** A star can also match nothing: the states reachable without a character. */
function closure(steps: readonly Step[], states: Set<number>): Set<number> {
  for (const state of states) if (steps[state]?.kind === 'star') states.add(state + 1)
  return states
}

function inSet(step: Extract<Step, { kind: 'set' }>, code: number): boolean {
  return step.ranges.some(([low, high]) => low <= code && code <= high) !== step.negated
}

function compile(pattern: string): Step[] | undefined {
  const chars = [...pattern]
  const steps: Step[] = []
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!
    if (char === '*') steps.push({ kind: 'star' })
    else if (char === '?') steps.push({ kind: 'any' })
    else if (char === '[') {
      const set = compileSet(chars, i + 1)
      if (set === undefined) return undefined
      steps.push(set.step)
      i = set.end
    } else {
      const literal = char === '\\' ? chars[++i] : char
      if (literal === undefined) return undefined
      const code = literal.codePointAt(0)!
      steps.push({ kind: 'set', negated: false, ranges: [[code, code]] })
    }
  }
  return steps
}

function compileSet(chars: readonly string[], start: number): { step: Step; end: number } | undefined {
  let at = start
  const negated = chars[at] === '^'
  if (negated) at++
  const ranges: [number, number][] = []
  const one = (): number | undefined => {
    let char = chars[at]
    if (char === undefined || char === '-' || char === ']') return undefined
    if (char === '\\') char = chars[++at]
    at++
    return char?.codePointAt(0)
  }
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = one()
    if (low === undefined) return undefined
    let high = low
    if (chars[at] === '-') {
      at++
      const end = one()
      if (end === undefined) return undefined
      high = end
    }
    ranges.push([low, high])
  }
  return { step: { kind: 'set', negated, ranges }, end: at }
}
