import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** A file that lines are put at the end of; when it is full it becomes `<path>.1`, in place of the one before. */
export class LogFile {
  readonly #path: string
  readonly #maxBytes: number
  #file: number | undefined
  #size = 0

  /** Makes the folder. A log that cannot be written is none: nothing else is held up by it. */
  constructor(path: string, maxBytes = 5 * 1024 * 1024) {
    this.#path = path
    this.#maxBytes = maxBytes
    this.#open()
  }

  /** Writes a line with its end. */
  write(line: string): void {
    if (this.#size >= this.#maxBytes) this.#rotate()
    if (this.#file === undefined) return
    try {
      this.#size += writeSync(this.#file, line)
    } catch {
      // A full disk: the next line tries again.
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #open(): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      this.#file = openSync(this.#path, 'a', 0o600)
      this.#size = fstatSync(this.#file).size
    } catch {
      this.#file = undefined
    }
  }

  #rotate(): void {
    this.close()
    try {
      renameSync(this.#path, `${this.#path}.1`)
    } catch {
      // It goes on in the same file.
    }
    this.#open()
  }
}
