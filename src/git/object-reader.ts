import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Socket } from 'node:net'
import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'
import { killGroup, spawnGit } from './process.ts'

/** An object of a repository as git stores it. */
export interface GitObject {
  readonly id: string
  readonly type: 'blob' | 'tree' | 'commit' | 'tag'
  readonly bytes: Buffer
}

interface Waiting {
  readonly name: string
  readonly resolve: (object: GitObject | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Bounds of an ObjectReader. */
export interface ObjectReaderOptions {
  /** A larger object fails with E_GIT_OBJECT_TOO_LARGE; 64 MiB when absent. */
  readonly maxObjectBytes?: number
  /** The process ends after this long without a question; 30 000 when absent. */
  readonly idleMs?: number
}

const newline = 0x0a

/** Reads objects through one `git cat-file --batch` process, which starts with the first question and ends when idle. */
export class ObjectReader {
  readonly #gitDir: string
  readonly #maxBytes: number
  readonly #idleMs: number
  #child: ChildProcessWithoutNullStreams | undefined
  #waiting: Waiting[] = []
  #chunks: Buffer[] = []
  #size = 0
  #idle: NodeJS.Timeout | undefined
  #stderr = ''
  /** Questions that are not sent yet. */
  #questions = ''
  /** What the current answer still has to bring: its header, or the bytes after it. */
  #answer: { readonly id: string; readonly type: GitObject['type']; readonly size: number } | undefined
  /** Bytes of a too large object that are still to be thrown away. */
  #skip = 0

  constructor(gitDir: string, options: ObjectReaderOptions = {}) {
    this.#gitDir = gitDir
    this.#maxBytes = options.maxObjectBytes ?? 64 * 1024 * 1024
    this.#idleMs = options.idleMs ?? 30_000
  }

  /** The object that a name or id stands for (`<id>`, `refs/…`, `<id>^{commit}`); undefined when there is none. */
  read(name: string): Promise<GitObject | undefined> {
    if (/[\n\0]/.test(name)) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      clearTimeout(this.#idle)
      this.#waiting.push({ name, resolve, reject })
      const child = this.#start()
      stdoutOf(child).ref()
      this.#ask(child, name)
    })
  }

  /** Sends questions together that come together: each write of its own wakes git up. */
  #ask(child: ChildProcessWithoutNullStreams, name: string): void {
    const first = this.#questions === ''
    this.#questions += `${name}\n`
    if (!first) return
    setImmediate(() => {
      // A process that was replaced meanwhile has had its questions failed.
      if (this.#child !== child) return
      child.stdin.write(this.#questions)
      this.#questions = ''
    })
  }

  /** Ends the process; questions that are open fail with E_ABORTED. A later question starts a new one. */
  close(): void {
    clearTimeout(this.#idle)
    const child = this.#child
    if (!child) return
    // Detached at once: a question that comes before the process is gone must not go to it.
    this.#child = undefined
    killGroup(child)
    this.#failAll(new SluiceError('E_ABORTED', { object: this.#gitDir }))
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#child) return this.#child
    const child = spawnGit(['cat-file', '--batch'], { gitDir: this.#gitDir })
    this.#child = child
    this.#chunks = []
    this.#size = 0
    this.#answer = undefined
    this.#skip = 0
    this.#stderr = ''
    this.#questions = ''
    child.stdin.on('error', () => {})
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-2000)
    })
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.#take(chunk)
    })
    child.on('error', error => this.#ended(child, error))
    child.on('close', () => this.#ended(child, undefined))
    child.unref()
    ;(child.stdin as Socket).unref()
    ;(child.stderr as Socket).unref()
    return child
  }

  #ended(child: ChildProcessWithoutNullStreams, cause: NodeJS.ErrnoException | undefined): void {
    if (this.#child !== child) return
    this.#child = undefined
    const seen = redact(this.#stderr.trim()) || 'git cat-file ended'
    this.#failAll(
      cause?.code === 'ENOENT'
        ? new SluiceError('E_GIT_NOT_INSTALLED', { cause })
        : new SluiceError('E_GIT_MIRROR_DAMAGED', { object: this.#gitDir, seen, cause }),
    )
  }

  #failAll(error: SluiceError): void {
    const open = this.#waiting
    this.#waiting = []
    for (const { reject } of open) reject(error)
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    while (this.#waiting.length > 0 && this.#step());
    if (this.#waiting.length === 0) {
      // A reader at rest must not keep the program alive.
      if (this.#child) stdoutOf(this.#child).unref()
      this.#idle = setTimeout(() => this.close(), this.#idleMs)
      this.#idle.unref()
    }
  }

  /** Handles one part of the stream; false when more bytes must come first. */
  #step(): boolean {
    if (this.#skip > 0) {
      const bytes = Math.min(this.#skip, this.#size)
      if (bytes === 0) return false
      this.#cut(bytes)
      this.#skip -= bytes
      if (this.#skip === 0) this.#waiting.shift()!.reject(this.#tooLarge())
      return true
    }
    if (this.#answer === undefined) return this.#header()
    const { id, type, size } = this.#answer
    if (this.#size < size + 1) return false
    const bytes = Buffer.from(this.#cut(size + 1).subarray(0, size))
    this.#answer = undefined
    this.#waiting.shift()!.resolve({ id, type, bytes })
    return true
  }

  #header(): boolean {
    const joined = this.#joined()
    const end = joined.indexOf(newline)
    if (end < 0) return false
    const line = this.#cut(end + 1).toString('utf8', 0, end)
    const found = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/.exec(line)
    if (!found) {
      // `<name> missing` or `<name> ambiguous`.
      this.#waiting.shift()!.resolve(undefined)
      return true
    }
    const size = Number(found[3])
    if (size > this.#maxBytes) this.#skip = size + 1
    else this.#answer = { id: found[1]!, type: found[2] as GitObject['type'], size }
    return true
  }

  #tooLarge(): SluiceError {
    return new SluiceError('E_GIT_OBJECT_TOO_LARGE', {
      object: this.#gitDir,
      expected: `at most ${this.#maxBytes} bytes`,
    })
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]!
  }

  #cut(bytes: number): Buffer {
    const joined = this.#joined()
    this.#chunks = [joined.subarray(bytes)]
    this.#size -= bytes
    return joined.subarray(0, bytes)
  }
}

/** Pipes of a child are sockets; the types of node say Readable. */
function stdoutOf(child: ChildProcessWithoutNullStreams): Socket {
  return child.stdout as Socket
}
