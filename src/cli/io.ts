import type { Readable, Writable } from 'node:stream'
import { type Style, styleFor } from './output/style.ts'

/** What a command may touch of the world: handed in, so that commands can be run in tests. */
export interface CliIo {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly stdin: Readable & { isTTY?: boolean }
  readonly stdout: Writable & { isTTY?: boolean; columns?: number }
  readonly stderr: Writable & { isTTY?: boolean; columns?: number }
  /** Aborted by Ctrl-C and by SIGTERM. */
  readonly signal: AbortSignal
  /** Colours of standard output. */
  readonly out: Style
  /** Colours of standard error. */
  readonly err: Style
}

/** The process's own streams. */
export function processIo(signal: AbortSignal): CliIo {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal,
    out: styleFor(process.stdout, process.env),
    err: styleFor(process.stderr, process.env),
  }
}

/** Writes a result; results go to standard output. */
export function print(io: CliIo, text: string): void {
  io.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Writes what is for people only (progress, hints); it never mixes with a result. */
export function note(io: CliIo, text: string): void {
  io.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
}
