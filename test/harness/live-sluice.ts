import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** A run of the built command line that is watched while it goes on. */
export interface LiveRun {
  /** What it has said so far, on both streams. */
  readonly said: () => string
  /** Resolves when it has said this; rejects with what it said when it ends first. */
  waitFor(words: string | RegExp): Promise<string>
  /** Its end: the exit code, or null when it was killed. */
  readonly ended: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/** Starts the built command line as a process of its own, without the environment of the tests. */
export function startSluice(args: readonly string[], env: Readonly<Record<string, string>> = {}): LiveRun {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  return {
    said: () => said,
    waitFor: words =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = typeof words === 'string' ? (said.includes(words) ? words : undefined) : words.exec(said)?.[0]
          if (found === undefined) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        void ended.then(() => reject(new Error(`it ended without ${words}:\n${said}`)))
        look()
      }),
    ended,
    kill: signal => void child.kill(signal),
  }
}
