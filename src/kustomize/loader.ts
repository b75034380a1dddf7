import { isUtf8 } from 'node:buffer'
import type { FileTree } from '../base/file-tree.ts'
import { Failure } from './failure.ts'

/** Which files a kustomization may read. */
export type LoadRestrictor = 'rootOnly' | 'none'

/** Larger files are refused: no object can be larger (etcd's limit is 1.5 MiB), and patches and lists stay far below. */
export const maxFileBytes = 32 * 1024 * 1024

/** Bases deeper than this are refused. */
const maxDepth = 64

/**
 * A kustomization's view of files: everything is relative to its folder, the *root*. Nothing outside the tree is ever
 * read; links, absolute paths and URLs are refused; with `rootOnly` files must also be in or below the root.
 */
export class Loader {
  /** The folder, relative to the tree; '' for the tree itself. */
  readonly root: string
  readonly #tree: FileTree
  readonly #restrictor: LoadRestrictor
  readonly #referrer: Loader | undefined
  readonly #filesRead: Set<string>
  readonly #depth: number
  /** Folders that are known to be no links and to have none above them. */
  readonly #safe: Set<string>

  private constructor(tree: FileTree, root: string, restrictor: LoadRestrictor, files: Set<string>, referrer?: Loader) {
    this.#tree = tree
    this.root = root
    this.#restrictor = restrictor
    this.#filesRead = files
    this.#referrer = referrer
    this.#depth = referrer === undefined ? 0 : referrer.#depth + 1
    this.#safe = referrer === undefined ? new Set(['']) : referrer.#safe
  }

  /** The loader of the kustomization that is built. @throws Failure when there is no such folder. */
  static async at(tree: FileTree, dir: string, restrictor: LoadRestrictor, filesRead: Set<string>): Promise<Loader> {
    const root = inTree('', dir)
    if (root === undefined) throw outside(dir)
    const entry = root === '' ? undefined : await tree.entry(root)
    if (root !== '' && entry?.kind !== 'folder') throw new Failure(notAFolder(root, entry?.kind))
    const loader = new Loader(tree, root, restrictor, filesRead)
    await loader.#refuseLinks(root)
    return loader
  }

  /** The loader of a base or component. @throws Failure when it is no folder, or would make a cycle. */
  async below(path: string): Promise<Loader> {
    if (path === '') throw new Failure('new root cannot be empty')
    refuseRemote(path)
    if (path.startsWith('/')) throw new Failure(`new root '${path}' cannot be absolute`, 'E_KUSTOMIZE_PATH')
    const root = inTree(this.root, path)
    if (root === undefined) throw outside(path)
    const entry = root === '' ? { kind: 'folder' as const } : await this.#tree.entry(root)
    if (entry?.kind !== 'folder') throw new Failure(notAFolder(root, entry?.kind))
    await this.#refuseLinks(root)
    for (let here: Loader | undefined = this; here !== undefined; here = here.#referrer) {
      if (isInOrBelow(here.root, root)) {
        throw new Failure(`cycle detected: candidate root '/${root}' contains visited root '/${here.root}'`)
      }
    }
    if (this.#depth >= maxDepth) throw new Failure(`bases are nested deeper than ${maxDepth}`, 'E_KUSTOMIZE_LIMIT')
    return new Loader(this.#tree, root, this.#restrictor, this.#filesRead, this)
  }

  /** The bytes of a file. @throws Failure when it is missing, too large or may not be read. */
  async read(path: string): Promise<Buffer> {
    refuseRemote(path)
    if (path.startsWith('/')) {
      throw new Failure(`security; file '${path}' is not in or below '/${this.root}'`, 'E_KUSTOMIZE_PATH')
    }
    const full = inTree(this.root, path)
    if (full === undefined) throw outside(path)
    const entry = full === '' ? { kind: 'folder' as const } : await this.#tree.entry(full)
    if (entry === undefined)
      throw new Failure(`evalsymlink failure on '/${full}' : lstat /${full}: no such file or directory`)
    if (entry.kind === 'folder') throw new Failure(`'/${full}' must resolve to a file`)
    if (entry.kind === 'link') throw new Failure(linkWords(full), 'E_KUSTOMIZE_PATH')
    if (entry.kind === 'other') throw new Failure(`'/${full}' is not a regular file`, 'E_KUSTOMIZE_PATH')
    await this.#refuseLinks(full.slice(0, Math.max(0, full.lastIndexOf('/'))))
    if (this.#restrictor === 'rootOnly' && !isInOrBelow(full, this.root)) {
      throw new Failure(`security; file '/${full}' is not in or below '/${this.root}'`, 'E_KUSTOMIZE_PATH')
    }
    const bytes = await this.#tree.read(full)
    if (bytes === undefined)
      throw new Failure(`evalsymlink failure on '/${full}' : lstat /${full}: no such file or directory`)
    if (bytes.length > maxFileBytes) {
      throw new Failure(`'/${full}' has ${bytes.length} bytes, more than ${maxFileBytes}`, 'E_KUSTOMIZE_LIMIT')
    }
    this.#filesRead.add(full)
    return bytes
  }

  /** A link anywhere on the way to a folder could lead out of the tree. */
  async #refuseLinks(folder: string): Promise<void> {
    if (this.#safe.has(folder)) return
    await this.#refuseLinks(folder.slice(0, Math.max(0, folder.lastIndexOf('/'))))
    if ((await this.#tree.entry(folder))?.kind === 'link') throw new Failure(linkWords(folder), 'E_KUSTOMIZE_PATH')
    this.#safe.add(folder)
  }

  /** Whether there is something at a path below the root that is no folder. */
  async has(name: string): Promise<boolean> {
    const entry = await this.#tree.entry(this.root === '' ? name : `${this.root}/${name}`)
    return entry !== undefined && entry.kind !== 'folder'
  }

  /** The text of a YAML file. */
  async text(path: string): Promise<string> {
    const bytes = await this.read(path)
    if (!isUtf8(bytes)) throw new Failure(`yaml: invalid leading UTF-8 octet in File: ${path}`, 'E_KUSTOMIZE_YAML')
    return bytes.toString('utf8')
  }
}

/** A path from a folder, normalised; undefined when it leaves the tree. */
export function inTree(from: string, path: string): string | undefined {
  const parts = from === '' ? [] : from.split('/')
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else parts.push(part)
  }
  return parts.join('/')
}

function isInOrBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}

const url = /^[a-z][a-z0-9+.-]*:\/\//i
const gitForms = /^(?:git@|git::|ssh:|(?:www\.)?github\.com[/:]|_git\/|[^/]+@[^/]+:)/i

/** Whether a path means a file or repository on another host. */
export function isRemote(path: string): boolean {
  return url.test(path) || gitForms.test(path) || path.includes('?ref=')
}

function refuseRemote(path: string): void {
  if (!isRemote(path)) return
  throw new Failure(`'${path}' is on another host; remote bases and files are not read`, 'E_KUSTOMIZE_REMOTE')
}

function linkWords(path: string): string {
  return `security; '/${path}' is a symbolic link`
}

function outside(path: string): Failure {
  return new Failure(`security; '${path}' is outside the repository`, 'E_KUSTOMIZE_PATH')
}

function notAFolder(path: string, kind: string | undefined): string {
  const why =
    kind === undefined
      ? `not a valid directory: evalsymlink failure on '/${path}' : lstat /${path}: no such file or directory`
      : `'/${path}': file is not directory`
  return `must build at directory: ${why}`
}
