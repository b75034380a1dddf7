import { createContext, Script } from 'node:vm'
import { compileGoRegExp } from '../../kube/structural/go-regexp.ts'

/** How long one test of a pattern may take, in milliseconds: one that backtracks without end is stopped. */
const limitMs = 100

const run = new Script('test()')

/** Patterns that took too long once: they are not tried again, or every event would wait for them. */
const slow = new Set<string>()

/** A Go pattern tested against a text: what came out, or why nothing did. */
export function testPattern(pattern: string, text: string): boolean | string {
  const compiled = compileGoRegExp(pattern)
  if (typeof compiled === 'string') return compiled
  if (slow.has(pattern)) return tooSlow(pattern)
  try {
    // The time limit of a script also ends what it calls, a regular expression in the middle of its work included.
    return run.runInContext(createContext({ test: () => compiled.test(text) }), { timeout: limitMs }) === true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    if (slow.size > 1000) slow.clear()
    slow.add(pattern)
    return tooSlow(pattern)
  }
}

function tooSlow(pattern: string): string {
  return `testing \`${pattern}\` took longer than ${limitMs} ms`
}
