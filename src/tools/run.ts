import { spawn } from 'node:child_process'
import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'

export interface ProgramOptions {
  /** The whole environment: nothing of this process is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Working folder. */
  readonly cwd: string
  /** Given to it on standard input. */
  readonly input?: string
  /** Kills the program and everything that it started. */
  readonly signal?: AbortSignal
  /** Milliseconds after which it is killed (E_TIMEOUT). */
  readonly timeoutMs: number
  /** Bytes that may stand on standard output (E_TOOL_FAILED beyond); 64 MiB when absent. */
  readonly maxOutputBytes?: number
}

export interface ProgramResult {
  readonly exitCode: number
  readonly stdout: string
  /** The last 64 KiB, free of secrets. */
  readonly stderr: string
}

const stderrLimit = 64 * 1024

/** Runs a program to its end, in a process group of its own and with an environment of its own. */
export function runProgram(path: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { env, cwd, input, signal, timeoutMs, maxOutputBytes = 64 * 1024 * 1024 } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const child = spawn(path, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    const out: Buffer[] = []
    let outBytes = 0
    let err = Buffer.alloc(0)
    let failure: unknown
    const stop = (reason: unknown): void => {
      failure ??= reason
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // The group is gone already.
      }
    }
    const what = `${path} ${args[0] ?? ''}`
    const onAbort = () => stop(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(
      () => stop(new SluiceError('E_TIMEOUT', { object: what, expected: `an end within ${timeoutMs / 1000} s` })),
      Math.min(timeoutMs, 2_147_000_000),
    )
    child.stdout.on('data', (chunk: Buffer) => {
      outBytes += chunk.length
      if (outBytes <= maxOutputBytes) out.push(chunk)
      else
        stop(new SluiceError('E_TOOL_FAILED', { object: what, expected: `at most ${maxOutputBytes} bytes of output` }))
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err = Buffer.concat([err, chunk]).subarray(-stderrLimit)
    })
    let settled = false
    const settle = (exitCode: number): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      if (failure !== undefined) reject(failure)
      else resolve({ exitCode, stdout: Buffer.concat(out).toString('utf8'), stderr: redact(err.toString('utf8')) })
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= new SluiceError('E_TOOL_FAILED', { object: what, seen: error.code ?? error.message, cause: error })
      if (child.pid === undefined) settle(-1)
    })
    // A program that ends early closes its input; its exit code tells the story.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
    child.on('close', code => settle(code ?? -1))
  })
}
