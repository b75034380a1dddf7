import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { CliIo } from './io.ts'

/** Asks for a secret on the terminal; nothing that is typed or pasted is shown, and no history keeps it. */
export async function askSecret(io: CliIo, question: string): Promise<string> {
  io.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // `terminal` makes readline read raw and echo by itself: to nowhere.
  const lines = createInterface({ input: io.stdin, output: nowhere, terminal: true, historySize: 0 })
  try {
    return await lines.question('', { signal: io.signal })
  } finally {
    lines.close()
    io.stderr.write('\n')
  }
}
