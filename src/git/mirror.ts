import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asSluiceError, SluiceError } from '../base/errors/index.ts'
import { withConnection } from './connection.ts'
import { gitFailure } from './diagnose.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { listRemoteRefs } from './list-refs.ts'
import type { ObjectReaderOptions } from './object-reader.ts'
import { type GitResult, runGit } from './process.ts'
import { checkRefName } from './ref-name.ts'
import { Repository } from './repository.ts'
import type { GitRemote } from './types.ts'

/** Bounds of a fetch. */
export interface FetchOptions {
  readonly signal?: AbortSignal
  /** How many commits of history the first fetch of a ref brings; all of them with Infinity. 1 when absent. Later fetches bring what is new. */
  readonly depth?: number
  /** The commit that the ref is known to point to (from a push event): saves one exchange with the server. */
  readonly commit?: string
  /** 300 000 when absent. */
  readonly timeoutMs?: number
}

/** What a fetch found. */
export interface Fetched {
  /** The commit that the ref stands for; tags are peeled. */
  readonly commit: string
  /** The full ref name. */
  readonly ref: string
  /** Whether the ref pointed elsewhere, or was unknown, before. */
  readonly changed: boolean
}

/** Repacks after so many fetches: each leaves loose objects or a pack behind. */
const fetchesUntilRepack = 200

/** Fetches into one folder come one after another: they share git's lock files. */
const fetchQueue = new KeyedQueue()

/**
 * A bare copy of one remote's refs in a folder of its own: a cache. Whatever breaks it (a killed git, a power cut, a
 * full disk) costs at most a new fetch: leftovers of dead processes are swept and a damaged copy is made anew. One
 * process owns the folder.
 */
export class Mirror extends Repository {
  readonly #tips = new Map<string, string>()
  #fetches = 0
  #swept = false

  private constructor(dir: string, options: ObjectReaderOptions) {
    super(dir, options)
  }

  /** Opens the mirror in a folder, and makes it when there is none. Fails with E_GIT_DISK_FULL, E_FILE_WRITE, E_GIT_…. */
  static async open(dir: string, options: ObjectReaderOptions = {}): Promise<Mirror> {
    const mirror = new Mirror(dir, options)
    await mirror.#prepare()
    return mirror
  }

  /** The commit that the last fetch or push of this process saw at a ref, without asking anybody. */
  knownTip(remote: GitRemote, ref: string): string | undefined {
    return this.#tips.get(trackingRef(remote, ref))
  }

  /** Brings a ref of a remote up to date. Safe to repeat and to kill at any point. Fails with E_GIT_…. */
  async fetch(remote: GitRemote, ref: string, options: FetchOptions = {}): Promise<Fetched> {
    checkRefName(ref)
    return fetchQueue.run(this.dir, () => this.#fetchHealing(remote, ref, options), options.signal)
  }

  /** Records what a push of ours made of a branch, so that the next edit starts there. */
  noteTip(remote: GitRemote, ref: string, commit: string): void {
    this.#tips.set(trackingRef(remote, ref), commit)
  }

  async #fetchHealing(remote: GitRemote, ref: string, options: FetchOptions): Promise<Fetched> {
    try {
      return await this.#fetchOnce(remote, ref, options)
    } catch (error) {
      const code = error instanceof SluiceError ? error.code : undefined
      if (code === 'E_GIT_REF_NOT_FOUND') {
        this.#tips.delete(trackingRef(remote, ref))
        // The hinted commit can be gone again, and an empty repository deserves its own name.
        if (options.commit !== undefined) return this.#fetchHealing(remote, ref, withoutHint(options))
        throw await whyNotFound(error as SluiceError, remote, ref, options)
      }
      if (code === 'E_GIT_TRANSFER_BROKEN' || code === 'E_GIT_FAILED') {
        // Both the wire and the copy can be the cause; with the copy swept the next try tells them apart.
        await this.#sweep()
        throw error
      }
      if (code !== 'E_GIT_MIRROR_DAMAGED') throw error
      await this.#makeAnew()
      return this.#fetchOnce(remote, ref, options)
    }
  }

  async #fetchOnce(remote: GitRemote, ref: string, options: FetchOptions): Promise<Fetched> {
    if (!this.#swept) await this.#sweep()
    const tracking = trackingRef(remote, ref)
    const before = this.#tips.get(tracking) ?? (await this.resolve(tracking))
    if (options.commit !== undefined && options.commit === before) return { commit: before, ref, changed: false }
    const source = options.commit ?? ref
    const depth = options.depth ?? 1
    const args = [
      'fetch',
      '-q',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      '--no-auto-maintenance',
      '--no-show-forced-updates',
    ]
    if (before === undefined && Number.isFinite(depth)) args.push(`--depth=${Math.max(1, Math.floor(depth))}`)
    const result = await withConnection(remote, ({ url, config = [], env = {} }) =>
      this.#run(
        [...args, '--', url.href, `+${source}:${tracking}`],
        { config: [...config, ['core.fsync', 'none']], env },
        options,
      ),
    )
    if (result.exitCode !== 0) throw gitFailure(result, `${remote.url} ${ref}`)
    const commit = await this.resolve(tracking)
    if (commit === undefined) {
      throw new SluiceError('E_GIT_MIRROR_DAMAGED', { object: this.dir, seen: `${ref} is not readable after a fetch` })
    }
    this.#tips.set(tracking, commit)
    if (++this.#fetches % fetchesUntilRepack === 0) await this.#repack(options.signal)
    return { commit, ref, changed: commit !== before }
  }

  async #run(
    args: readonly string[],
    parts: { config: readonly (readonly [string, string])[]; env: Readonly<Record<string, string>> },
    options: FetchOptions,
  ): Promise<GitResult> {
    try {
      return await runGit(args, {
        ...parts,
        gitDir: this.dir,
        timeoutMs: options.timeoutMs ?? 300_000,
        ...(options.signal && { signal: options.signal }),
      })
    } catch (error) {
      // The process was killed: what it held is swept before the next one starts.
      this.#swept = false
      throw error
    }
  }

  /** Packs what many fetches left; unreachable objects of the last two hours stay, a push may still need them. */
  async #repack(signal: AbortSignal | undefined): Promise<void> {
    await runGit(['gc', '-q', '--prune=2.hours.ago'], {
      gitDir: this.dir,
      timeoutMs: 600_000,
      ...(signal && { signal }),
    })
  }

  async #prepare(): Promise<void> {
    try {
      await mkdir(this.dir, { recursive: true, mode: 0o700 })
      // `git init` leaves what is there alone, so it also completes a copy whose making was killed.
      const result = await runGit(['init', '-q', '--bare', '--template=', '-b', 'main', '--', this.dir])
      if (result.exitCode !== 0) throw gitFailure(result, this.dir)
    } catch (error) {
      throw asFileError(error, this.dir)
    }
  }

  /** Puts the damaged copy aside in one step and makes an empty one. */
  async #makeAnew(): Promise<void> {
    this.forget()
    this.#tips.clear()
    const aside = `${this.dir}.damaged-${randomBytes(4).toString('hex')}`
    await rename(this.dir, aside)
    await this.#prepare()
    await rm(aside, { recursive: true, force: true })
  }

  /** Removes what a killed git left: lock files and half written packs. No git of this process runs here now. */
  async #sweep(): Promise<void> {
    for (const entry of await readdir(this.dir, { recursive: true, withFileTypes: true }).catch(() => [])) {
      if (!entry.isFile()) continue
      if (entry.name.endsWith('.lock') || /^tmp_(?:pack|idx|rev|obj)_/.test(entry.name)) {
        await rm(join(entry.parentPath, entry.name), { force: true })
      }
    }
    await writeFile(join(this.dir, 'description'), 'A cache made by sluice; safe to delete while sluice is stopped.\n')
    this.#swept = true
  }
}

function withoutHint({ commit: _, ...options }: FetchOptions): FetchOptions {
  return options
}

/** Opens the mirror in a folder, and makes it when there is none. */
export function openMirror(dir: string, options: ObjectReaderOptions = {}): Promise<Mirror> {
  return Mirror.open(dir, options)
}

/** Where a mirror keeps a ref: a flat name, because names of remote refs can collide as folder and file over time. */
export function trackingRef(remote: GitRemote, ref: string): string {
  const key = createHash('sha256').update(`${remote.url}\n${ref}`).digest('hex').slice(0, 32)
  return `refs/sluice/${key}`
}

async function whyNotFound(
  error: SluiceError,
  remote: GitRemote,
  ref: string,
  options: FetchOptions,
): Promise<SluiceError> {
  const refs = await listRemoteRefs(remote, options.signal ? { signal: options.signal } : {})
  if (refs.size === 0) return new SluiceError('E_GIT_EMPTY_REPOSITORY', { object: remote.url, cause: error })
  const names = [...refs.keys()].filter(name => name.startsWith('refs/heads/')).slice(0, 10)
  return new SluiceError('E_GIT_REF_NOT_FOUND', {
    object: remote.url,
    expected: ref,
    seen: names.length === 0 ? 'no branches' : names.map(name => name.slice(11)).join(', '),
    cause: error,
  })
}

function asFileError(error: unknown, dir: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT') return new SluiceError('E_GIT_DISK_FULL', { object: dir, cause: error })
  if (error instanceof SluiceError || code === undefined) return asSluiceError(error)
  return new SluiceError('E_FILE_WRITE', { object: dir, seen: code, cause: error })
}
