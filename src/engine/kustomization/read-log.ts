import { createHash } from 'node:crypto'
import type { FileTree, TreeEntry } from '../../base/file-tree.ts'

/**
 * What a build asked of its tree, with a digest of each answer. A build is a function of those answers: on another
 * commit that gives the same ones, it gives the same objects and need not run.
 */
export class ReadLog {
  readonly #answers = new Map<string, string>()
  readonly #folder: string
  readonly #folderDigest: string | undefined
  /** Whether all questions were about one folder: then its digest answers them together. */
  #inside = true

  /** `folderDigest` is the digest of the folder that is built, if its tree knows one. */
  constructor(folder: string, folderDigest?: string) {
    this.#folder = folder
    this.#folderDigest = folderDigest
  }

  note(what: 'entry' | 'list' | 'read', path: string, answer: string): void {
    this.#answers.set(`${what} ${path}`, answer)
    this.#inside &&= this.#folder === '' || path === this.#folder || path.startsWith(`${this.#folder}/`)
  }

  /** Whether another tree gives the same answers to the same questions. */
  async matches(tree: FileTree): Promise<boolean> {
    const digest =
      this.#inside && this.#folderDigest !== undefined ? (await tree.entry(this.#folder))?.digest : undefined
    if (digest !== undefined && digest === this.#folderDigest) return true
    for (const [question, answer] of this.#answers) {
      if ((await ask(tree, question)) !== answer) return false
    }
    return true
  }
}

/** A tree that notes in a log what is asked of it. */
export class RecordingTree implements FileTree {
  readonly #tree: FileTree
  readonly #log: ReadLog

  constructor(tree: FileTree, log: ReadLog) {
    this.#tree = tree
    this.#log = log
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    const entry = await this.#tree.entry(path)
    this.#log.note('entry', path, entry?.kind ?? '')
    return entry
  }

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const entries = await this.#tree.list(folder)
    this.#log.note('list', folder, digestOfNames(entries))
    return entries
  }

  async read(path: string): Promise<Buffer | undefined> {
    const bytes = await this.#tree.read(path)
    this.#log.note('read', path, (await this.#tree.entry(path))?.digest ?? digestOfBytes(bytes))
    return bytes
  }
}

async function ask(tree: FileTree, question: string): Promise<string> {
  const cut = question.indexOf(' ')
  const path = question.slice(cut + 1)
  switch (question.slice(0, cut)) {
    case 'entry':
      return (await tree.entry(path))?.kind ?? ''
    case 'list':
      return digestOfNames(await tree.list(path))
    default:
      return (await tree.entry(path))?.digest ?? digestOfBytes(await tree.read(path))
  }
}

function digestOfNames(entries: readonly TreeEntry[]): string {
  const hash = createHash('sha1')
  for (const entry of entries) hash.update(`${entry.kind} ${entry.name}\n`)
  return hash.digest('base64')
}

function digestOfBytes(bytes: Buffer | undefined): string {
  return bytes === undefined ? '' : createHash('sha1').update(bytes).digest('base64')
}
