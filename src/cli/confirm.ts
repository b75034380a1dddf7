import { createInterface } from 'node:readline/promises'
import { SluiceError } from '../base/errors/index.ts'
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

/**
 * What takes things away is never done unasked: where nobody can answer (a script, `-o json`), it has to be said.
 *
 * @throws E_USAGE without `--yes`
 */
export function requireYes(
  io: CliIo,
  command: string,
  options: { readonly yes: boolean; readonly json: boolean },
): void {
  if (options.yes || (!options.json && io.stdin.isTTY === true)) return
  throw new SluiceError('E_USAGE', {
    object: command,
    expected: '--yes where nobody can be asked, or --dry-run to see what would go',
    seen: options.json ? '-o json' : 'no terminal',
  })
}
