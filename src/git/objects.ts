import { createHash, randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { Semaphore } from '../base/semaphore.ts'
import { asFileError } from './file-error.ts'
import type { GitObject } from './object-reader.ts'
import type { Commit, CommitAuthor } from './types.ts'

const deflateAsync = promisify(deflate)

/** One entry of a git tree object. */
export interface GitTreeEntry {
  readonly name: string
  /** As git writes it: 100644, 100755, 120000 (link), 40000 (folder), 160000 (submodule). */
  readonly mode: string
  readonly id: string
}

/** An object that is ready to be stored. */
export interface NewObject {
  readonly id: string
  readonly type: GitObject['type']
  readonly bytes: Buffer
}

/** Gives an object its id: the SHA-1 of type, size and bytes. */
export function newObject(type: GitObject['type'], bytes: Buffer): NewObject {
  const id = createHash('sha1').update(`${type} ${bytes.length}\0`).update(bytes).digest('hex')
  return { id, type, bytes }
}

/** The entries of a tree object, in git's order. */
export function parseTree(bytes: Buffer): GitTreeEntry[] {
  const entries: GitTreeEntry[] = []
  let at = 0
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at)
    const nul = bytes.indexOf(0, space)
    if (space < 0 || nul < 0 || nul + 21 > bytes.length) break
    entries.push({
      // Old tools wrote folders as 040000.
      mode: bytes.toString('latin1', at, space).replace(/^0+/, ''),
      name: bytes.toString('utf8', space + 1, nul),
      id: bytes.toString('hex', nul + 1, nul + 21),
    })
    at = nul + 21
  }
  return entries
}

/** Folders up to this size are looked through. */
const smallFolder = 16
const names = new WeakMap<readonly GitTreeEntry[], ReadonlyMap<string, GitTreeEntry>>()

/** The entry of a name in a parsed tree; large trees get an index at the first question. */
export function namedEntry(entries: readonly GitTreeEntry[], name: string): GitTreeEntry | undefined {
  if (entries.length <= smallFolder) return entries.find(entry => entry.name === name)
  let index = names.get(entries)
  if (index === undefined) {
    // Should a name stand there twice, the first counts, as in small folders.
    index = new Map(entries.toReversed().map(entry => [entry.name, entry]))
    names.set(entries, index)
  }
  return index.get(name)
}

/** A tree object of entries, put into git's order: by bytes, a folder as if its name ended in `/`. */
export function treeObject(entries: readonly GitTreeEntry[]): NewObject {
  const keyed = entries.map(entry => ({
    entry,
    key: Buffer.from(entry.mode === '40000' ? `${entry.name}/` : entry.name),
  }))
  keyed.sort((a, b) => Buffer.compare(a.key, b.key))
  const parts = keyed.flatMap(({ entry }) => [
    Buffer.from(`${entry.mode} ${entry.name}\0`),
    Buffer.from(entry.id, 'hex'),
  ])
  return newObject('tree', Buffer.concat(parts))
}

/** What a commit object is made of. */
export interface CommitParts {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: CommitAuthor
  readonly committer: CommitAuthor
  readonly date: Date
  readonly message: string
}

/** A commit object, as git-commit-tree would make it. */
export function commitObject(parts: CommitParts): NewObject {
  const stamp = `${Math.floor(parts.date.getTime() / 1000)} +0000`
  const lines = [
    `tree ${parts.tree}`,
    ...parts.parents.map(parent => `parent ${parent}`),
    `author ${person(parts.author)} ${stamp}`,
    `committer ${person(parts.committer)} ${stamp}`,
    '',
    `${parts.message.replaceAll('\0', '').trim()}\n`,
  ]
  return newObject('commit', Buffer.from(lines.join('\n')))
}

/** Name and address without the characters that would end the field early. */
function person(author: CommitAuthor): string {
  const clean = (text: string) => text.replace(/[\x00-\x1f<>]/g, '').replace(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, '')
  return `${clean(author.name) || 'unknown'} <${clean(author.email)}>`
}

/** A commit object taken apart; lines that are missing come out empty. */
export function parseCommit(sha: string, bytes: Buffer): Commit & { readonly tree: string } {
  const text = bytes.toString('utf8')
  const cut = text.indexOf('\n\n')
  const head = cut < 0 ? text : text.slice(0, cut)
  const message = cut < 0 ? '' : text.slice(cut + 2)
  const lines = head.split('\n')
  const value = (key: string) => lines.find(line => line.startsWith(`${key} `))?.slice(key.length + 1) ?? ''
  const author = /^(.*?) ?<([^>]*)> (-?\d+)/.exec(value('author'))
  const committed = /> (-?\d+)/.exec(value('committer'))
  const subjectEnd = /\n\s*\n|$/.exec(message)!.index
  return {
    sha,
    tree: value('tree'),
    parents: lines.filter(line => line.startsWith('parent ')).map(line => line.slice(7)),
    author: { name: author?.[1] ?? '', email: author?.[2] ?? '' },
    date: isoDate(Number(committed?.[1] ?? author?.[3] ?? 0)),
    subject: message
      .slice(0, subjectEnd)
      .replace(/\s*\n\s*/g, ' ')
      .trim(),
    body: message.slice(subjectEnd).trim(),
  }
}

function isoDate(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString()
}

/**
 * Stores objects as loose files, each written beside its place and renamed into it: a reader sees a whole object or
 * none, and a killed process leaves at most a `tmp_obj_` file, which git's own prune removes. Fails with E_GIT_DISK_FULL
 * or E_FILE_WRITE.
 */
export async function storeObjects(gitDir: string, objects: readonly NewObject[]): Promise<void> {
  const slots = new Semaphore(storesAtOnce)
  await Promise.all(objects.map(object => slots.run(() => storeObject(gitDir, object))))
}

const storesAtOnce = 32

async function storeObject(gitDir: string, object: NewObject): Promise<void> {
  const folder = join(gitDir, 'objects', object.id.slice(0, 2))
  const path = join(folder, object.id.slice(2))
  if (await exists(path)) return
  const packed = await deflateAsync(
    Buffer.concat([Buffer.from(`${object.type} ${object.bytes.length}\0`), object.bytes]),
  )
  const temporary = join(folder, `tmp_obj_${randomBytes(8).toString('hex')}`)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(temporary, packed, { mode: 0o444, flag: 'wx' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw asFileError(error, gitDir)
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.size > 0,
    () => false,
  )
}
