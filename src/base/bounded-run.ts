import { createContext, Script } from 'node:vm'

const run = new Script('work()')

/**
 * Runs synchronous work and ends it after `limitMs`, wherever it stands: also in the middle of a regular expression. For work whose
 * length somebody else decides, such as checking against a schema of a chart.
 *
 * @returns what it gives, or `late`
 */
export function runBounded<T>(work: () => T, limitMs: number): { readonly value: T } | 'late' {
  try {
    let value!: T
    run.runInContext(createContext({ work: () => void (value = work()) }), { timeout: limitMs })
    return { value }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'late'
    throw error
  }
}
