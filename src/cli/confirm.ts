import { createInterface } from 'node:readline/promises'
import type { CliIo } from './io.ts'

/** Asks a question on the terminal; anything but y or yes is a no. */
export async function confirm(io: CliIo, question: string): Promise<boolean> {
  const lines = createInterface({ input: io.stdin, output: io.stderr })
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: io.signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
