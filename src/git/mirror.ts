import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { withConnection } from './connection.ts'
import { gitFailure } from './diagnose.ts'
import { asFileError } from './file-error.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { listRemoteRefs } from './list-refs.ts'
import type { ObjectReaderOptions } from './object-reader.ts'
import { type GitResult, runGit } from './process.ts'
import { checkRefName, isObjectId } from './ref-name.ts'
import { Repository } from './repository.ts'
import type { GitRemote } from './types.ts'

/** Bounds of a fetch. */
export interface FetchOptions {
  readonly signal?: AbortSignal
  /** How many commits of history the first fetch of a ref brings; all of them with Infinity. 1 when absent. Later fetches bring what is new. */
  readonly depth?: number
  /** Brings so many more commits of older history, for a log; the ref itself is brought up to date as well. */
  readonly deepen?: number
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

/** Waits for a git that holds a lock, before the lock counts as left over. */
const busyDelaysMs = [50, 200, 600, 1200]

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
  /** Set when an object could not be read: the next fetch makes the copy anew. */
  #damaged = false
  readonly #clock: Clock = systemClock
  /** Set when a git of ours was killed here, so that its leftovers are swept before the next one starts. */
  #killed = false

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

  /**
   * Brings a ref of a remote (a full name, or the id of a commit) up to date. Safe to repeat and to kill at any point.
   * Fails with E_GIT_….
   */
  async fetch(remote: GitRemote, ref: string, options: FetchOptions = {}): Promise<Fetched> {
    if (!isObjectId(ref)) checkRefName(ref)
    return fetchQueue.run(this.dir, () => this.#fetchHealing(remote, ref, options), options.signal)
  }

  /** Records what a push of ours made of a branch, so that the next edit starts there. */
  noteTip(remote: GitRemote, ref: string, commit: string): void {
    this.#tips.set(trackingRef(remote, ref), commit)
  }

  protected override noteDamage(): void {
    this.#damaged = true
  }

  /** Fetches, and mends the copy when it is the copy that is wrong. */
  async #fetchHealing(remote: GitRemote, ref: string, options: FetchOptions): Promise<Fetched> {
    let hinted = options
    for (let tries = 1; ; tries++) {
      try {
        return await this.#fetchOnce(remote, ref, hinted)
      } catch (error) {
        const code = error instanceof SluiceError ? error.code : undefined
        if (code === 'E_GIT_REF_NOT_FOUND' && hinted.commit !== undefined) {
          // The hinted commit can be gone again: the ref itself counts.
          hinted = withoutHint(hinted)
        } else if (code === 'E_GIT_REF_NOT_FOUND') {
          this.#tips.delete(trackingRef(remote, ref))
          throw await whyNotFound(error as SluiceError, remote, ref, options)
        } else if (code === 'E_GIT_MIRROR_BUSY' && tries <= busyDelaysMs.length) {
          // A git that outlived its killed process ends soon; what is still locked then belongs to nobody.
          await this.#clock.sleep(busyDelaysMs[tries - 1]!, options.signal)
          if (tries === busyDelaysMs.length) await this.#sweep()
        } else if (code === 'E_GIT_MIRROR_DAMAGED' && tries <= busyDelaysMs.length) {
          await this.#makeAnew()
        } else {
          // A cut transfer leaves half a pack behind, and so does a full disk, which it keeps full.
          if (code === 'E_GIT_TRANSFER_BROKEN' || code === 'E_GIT_DISK_FULL') await this.#sweep()
          throw error
        }
      }
    }
  }

  async #fetchOnce(remote: GitRemote, ref: string, options: FetchOptions): Promise<Fetched> {
    if (this.#damaged) await this.#makeAnew()
    if (this.#killed) await this.#sweep()
    const tracking = trackingRef(remote, ref)
    const before = this.#tips.get(tracking) ?? (await this.resolve(tracking))
    if (options.commit !== undefined && options.commit === before && !options.deepen)
      return { commit: before, ref, changed: false }
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
    else if (options.deepen !== undefined) args.push(`--deepen=${Math.max(1, Math.floor(options.deepen))}`)
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
      this.#killed = true
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
      const init = () => runGit(['init', '-q', '--bare', '--template=', '-b', 'main', '--', this.dir])
      let result = await init()
      // Its configuration or HEAD can be what is damaged; with room to write, an empty copy is made in its place.
      if (result.exitCode !== 0 && isDamage(gitFailure(result, this.dir))) {
        await rm(this.dir, { recursive: true, force: true })
        await mkdir(this.dir, { recursive: true, mode: 0o700 })
        result = await init()
      }
      if (result.exitCode !== 0) throw gitFailure(result, this.dir)
    } catch (error) {
      throw asFileError(error, this.dir)
    }
  }

  /** Puts the damaged copy aside in one step and makes an empty one. */
  async #makeAnew(): Promise<void> {
    this.forget()
    this.#tips.clear()
    this.#damaged = false
    const aside = `${this.dir}.damaged-${randomBytes(4).toString('hex')}`
    await rename(this.dir, aside)
    await this.#prepare()
    await rm(aside, { recursive: true, force: true })
  }

  /** Removes what dead git processes left: lock files and half written packs. No git of this process runs here now. */
  async #sweep(): Promise<void> {
    for (const entry of await readdir(this.dir, { recursive: true, withFileTypes: true }).catch(() => [])) {
      if (!entry.isFile()) continue
      if (entry.name.endsWith('.lock') || /^tmp_(?:pack|idx|rev|obj)_/.test(entry.name)) {
        await rm(join(entry.parentPath, entry.name), { force: true })
      }
    }
    this.#killed = false
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'E_GIT_MIRROR_DAMAGED'
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
