import { afterAll, expect } from 'vitest'

interface Row {
  readonly fault: string
  readonly survived: number
  readonly of: number
  readonly ms: number
}

/** What was survived, fault by fault; printed when the file is done. */
export class Survivals {
  readonly #rows: Row[] = []

  constructor(title: string) {
    afterAll(() => {
      const width = Math.max(...this.#rows.map(({ fault }) => fault.length))
      const lines = this.#rows.map(
        ({ fault, survived, of, ms }) =>
          `  ${fault.padEnd(width)}  ${survived} of ${of} survived  ${Math.round(ms)} ms`,
      )
      process.stdout.write(`\n${title}\n${lines.join('\n')}\n`)
    })
  }

  /**
   * Runs one fault for each case; a case that throws is not survived. All must be: the first failure is thrown when the
   * row is written down.
   */
  async row<T>(fault: string, cases: readonly T[], survive: (one: T, at: number) => Promise<void>): Promise<void> {
    const started = performance.now()
    let survived = 0
    let first: unknown
    for (const [at, one] of cases.entries()) {
      try {
        await survive(one, at)
        survived++
      } catch (error) {
        first ??= error
      }
    }
    this.#rows.push({ fault, survived, of: cases.length, ms: performance.now() - started })
    if (first !== undefined) throw first
    expect(survived).toBe(cases.length)
  }
}

/** 0, 1, … n - 1. */
export function times(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at)
}
