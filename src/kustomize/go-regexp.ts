import { compileGoRegExp, type GoRegExp } from '../kube/structural/go-regexp.ts'
import { Failure } from './failure.ts'

/** Longer patterns are refused. */
const maxPattern = 1000

/**
 * Open-ended repetitions that one pattern may have. RE2 runs in linear time, JavaScript's engine may need a power of
 * the text's length: with three of them a name of 253 letters takes milliseconds, with more it may take minutes.
 */
const maxRepetitions = 3

/**
 * A pattern in Go's syntax (RE2), ready to run.
 *
 * @throws Failure for a pattern that Go does not compile, and (E_KUSTOMIZE_LIMIT) for one that cannot be run safely
 */
export function goRegExp(pattern: string): GoRegExp {
  if (pattern.length > maxPattern) throw new Failure('error parsing regexp: expression too long', 'E_KUSTOMIZE_LIMIT')
  const compiled = compileGoRegExp(pattern)
  if (typeof compiled === 'string') throw new Failure(compiled)
  const risk = riskOf(pattern)
  if (risk !== undefined) throw new Failure(`the pattern \`${pattern}\` ${risk}`, 'E_KUSTOMIZE_LIMIT')
  return compiled
}

interface Group {
  /** Whether there is a repetition or a choice in it, so that it can match one text in several ways. */
  ambiguous: boolean
}

/** Why a pattern could take too long; undefined when it cannot. */
function riskOf(pattern: string): string | undefined {
  const open: Group[] = [{ ambiguous: false }]
  let repetitions = 0
  let last: Group | undefined
  for (let i = 0; i < pattern.length; i++) {
    const sign = pattern[i]!
    if (sign === '\\') {
      i++
      last = undefined
    } else if (sign === '[') {
      i = endOfClass(pattern, i)
      last = undefined
    } else if (sign === '(') {
      open.push({ ambiguous: false })
      if (pattern[i + 1] === '?') i++
      last = undefined
    } else if (sign === ')') {
      last = open.pop()
      const outer = open.at(-1)
      if (outer !== undefined && last?.ambiguous === true) outer.ambiguous = true
    } else if (sign === '|') {
      open.at(-1)!.ambiguous = true
      last = undefined
    } else if (sign === '*' || sign === '+' || sign === '{') {
      const body = sign === '{' ? /^\{\d+(,?)(\d*)\}/.exec(pattern.slice(i)) : undefined
      if (body === null) continue
      if (last?.ambiguous === true) return 'repeats something that is a repetition or a choice itself'
      if (body === undefined || (body[1] === ',' && body[2] === '')) repetitions++
      if (repetitions > maxRepetitions) return `has more than ${maxRepetitions} open-ended repetitions`
      open.at(-1)!.ambiguous = true
      i += (body?.[0].length ?? 1) - 1
      last = undefined
    } else last = undefined
  }
  return undefined
}

function endOfClass(pattern: string, start: number): number {
  // A bracket right at the start of a class is a letter of it.
  let i = start + (pattern[start + 1] === '^' ? 2 : 1)
  if (pattern[i] === ']') i++
  for (; i < pattern.length && pattern[i] !== ']'; i++) {
    if (pattern[i] === '\\') i++
    else if (pattern.startsWith('[:', i)) i = Math.max(i, pattern.indexOf(':]', i) + 1)
  }
  return i
}
