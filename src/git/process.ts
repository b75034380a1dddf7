import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'
import { type EnvironmentParts, gitEnvironment } from './environment.ts'

/** How one git process is run. */
export interface GitRunOptions extends EnvironmentParts {
  /** Bytes for standard input; empty when absent. */
  readonly input?: string | Buffer
  readonly signal?: AbortSignal
  /** The process group is killed after this many milliseconds; 120 000 when absent. */
  readonly timeoutMs?: number
  /** Standard output above this many bytes is a failure; 64 MiB when absent. */
  readonly maxOutputBytes?: number
}

/** How one git process ended. Every exit code is a result: what it means is for the caller to say. */
export interface GitResult {
  readonly exitCode: number
  readonly stdout: Buffer
  /** The last 16 KiB of standard error, with secrets taken out. */
  readonly stderr: string
}

const stderrLimit = 16 * 1024

/** Starts git with a hermetic environment, in a process group of its own. The caller ends it. */
export function spawnGit(args: readonly string[], parts: EnvironmentParts): ChildProcessWithoutNullStreams {
  return spawn('git', args, { env: gitEnvironment(parts), cwd: '/', stdio: 'pipe', detached: true })
}

/** Ends a process that `spawnGit` started, with everything that it started itself. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}

/**
 * Runs git to its end. Rejects with E_GIT_NOT_INSTALLED, E_TIMEOUT, E_GIT_OBJECT_TOO_LARGE (output above the limit) or
 * the signal's reason; then the whole process group is dead.
 */
export function runGit(args: readonly string[], options: GitRunOptions = {}): Promise<GitResult> {
  const { signal, timeoutMs = 120_000, maxOutputBytes = 64 * 1024 * 1024 } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const child = spawnGit(args, options)
    const out: Buffer[] = []
    let outBytes = 0
    let err = Buffer.alloc(0)
    let failure: unknown
    const stop = (reason: unknown) => {
      failure ??= reason
      killGroup(child)
    }
    const onAbort = () => stop(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(() => {
      stop(new SluiceError('E_TIMEOUT', { object: `git ${args[0]}`, expected: `an end within ${timeoutMs / 1000} s` }))
    }, timeoutMs)
    child.stdout.on('data', (chunk: Buffer) => {
      outBytes += chunk.length
      if (outBytes <= maxOutputBytes) out.push(chunk)
      else
        stop(
          new SluiceError('E_GIT_OBJECT_TOO_LARGE', {
            object: `git ${args[0]}`,
            expected: `at most ${maxOutputBytes} bytes`,
          }),
        )
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err = Buffer.concat([err, chunk]).subarray(-stderrLimit)
    })
    // A child that ends early closes its input; its exit code tells the story.
    child.stdin.on('error', () => {})
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??=
        error.code === 'ENOENT' ? new SluiceError('E_GIT_NOT_INSTALLED', { cause: error }) : spawnFailure(error)
      if (child.pid === undefined) settle(-1)
    })
    child.on('close', code => settle(code ?? -1))
    child.stdin.end(options.input ?? '')

    let settled = false
    function settle(exitCode: number): void {
      if (settled) return
      settled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      if (failure !== undefined) reject(failure)
      else resolve({ exitCode, stdout: Buffer.concat(out), stderr: redact(err.toString('utf8')) })
    }
  })
}

function spawnFailure(error: NodeJS.ErrnoException): SluiceError {
  return new SluiceError('E_GIT_FAILED', { object: 'starting git', seen: error.code ?? error.message, cause: error })
}
