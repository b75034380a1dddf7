import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'

/** How a helper program is run. */
export interface ToolOptions {
  readonly input?: string | Buffer
  /** What the program reads from file descriptor 3: the place for what must be in no argument and no file. */
  readonly third?: string
  /** Beside PATH; nothing else of our environment is handed on. */
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** 30 000 when absent. */
  readonly timeoutMs?: number
}

/** What a helper program left; `missing` when it is not on PATH. */
export type ToolResult =
  | { readonly kind: 'ended'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'missing' }

const maxOutputBytes = 1024 * 1024

/** Runs a program to its end, in a process group of its own. Rejects with E_TIMEOUT or the signal's reason. */
export function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  const { signal, timeoutMs = 30_000 } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    let failure: unknown
    const stop = (reason: unknown) => {
      failure ??= reason
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    const onAbort = () => stop(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(
      () => stop(new SluiceError('E_TIMEOUT', { object: program, expected: `an end within ${timeoutMs / 1000} s` })),
      timeoutMs,
    )
    const gathered = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text: string) => {
        if (gathered[name].length < maxOutputBytes) gathered[name] += text
      })
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      if (error.code === 'ENOENT') resolve({ kind: 'missing' })
      else reject(new SluiceError('E_GIT_FAILED', { object: `starting ${program}`, seen: error.message, cause: error }))
    })
    child.on('close', code => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      if (failure !== undefined) reject(failure)
      else resolve({ kind: 'ended', exitCode: code ?? -1, stdout: gathered.stdout, stderr: redact(gathered.stderr) })
    })
    // A program that ends early closes what it reads from; its exit code tells the story.
    const third = child.stdio[3] as Writable
    for (const stream of [child.stdin!, third]) stream.on('error', () => {})
    child.stdin!.end(options.input ?? '')
    third.end(options.third ?? '')
  })
}
