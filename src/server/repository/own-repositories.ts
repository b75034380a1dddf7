import { appsFolder, type RepositoryPointer, readPointers } from '../../apps/index.ts'
import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { jsonEqual } from '../../base/json.ts'
import type { FleetRepository } from '../../fleet/repository-remote.ts'
import type { Reach } from './reach.ts'
import type { FollowedRepositoryParts, OwnRepository } from './types.ts'

/** What is older is fetched again behind the answer. */
const freshMs = 20_000
/** How long a repository counts as the one that it was when it was last asked for its id. */
const sameMs = 5 * 60_000
const atOnce = 6

interface Known {
  readonly pointer: RepositoryPointer
  readonly found: OwnRepository | undefined
  readonly problem: SluiceError | undefined
  readonly at: number
  readonly provenAt: number
}

/** The repositories of applications that have one of their own: a copy of each, as the fleet's repository names them. */
export class OwnRepositories {
  readonly #parts: Pick<FollowedRepositoryParts, 'clock' | 'signal'>
  readonly #reach: Reach
  readonly #known = new Map<string, Known>()
  #read: { readonly digest: string | undefined; readonly pointers: ReadonlyMap<string, RepositoryPointer> } | undefined
  readonly #fetching = new Map<string, Promise<boolean>>()

  constructor(parts: Pick<FollowedRepositoryParts, 'clock' | 'signal'>, reach: Reach) {
    this.#parts = parts
    this.#reach = reach
  }

  /** Those that can be read, by application. */
  get all(): ReadonlyMap<string, OwnRepository> {
    return new Map([...this.#known].flatMap(([app, { found }]) => (found === undefined ? [] : [[app, found]])))
  }

  /** Why the others cannot, and what went wrong at the last look at one that is shown as it was. */
  get problems(): ReadonlyMap<string, SluiceError> {
    return new Map([...this.#known].flatMap(([app, { problem }]) => (problem === undefined ? [] : [[app, problem]])))
  }

  /**
   * Takes over what the fleet's repository says: those that are new are fetched before this resolves, the others later. Gives
   * what is still under way: whether it found anything new.
   */
  async take(fleet: FileTree): Promise<{ readonly later: Promise<boolean> }> {
    const pointers = await this.#pointersOf(fleet)
    for (const app of this.#known.keys()) if (!pointers.has(app)) this.#known.delete(app)
    const isNew = ([app, pointer]: readonly [string, RepositoryPointer]) =>
      !jsonEqual(this.#known.get(app)?.pointer ?? null, pointer)
    const now = this.#parts.clock.monotonic()
    const isOld = ([app]: readonly [string, RepositoryPointer]) => now - (this.#known.get(app)?.at ?? now) > freshMs
    const fresh = [...pointers].filter(isNew)
    await this.#fetchAll(fresh)
    return { later: this.#fetchAll([...pointers].filter(one => !fresh.includes(one) && isOld(one))) }
  }

  /** What the fleet says, read once for the same files. */
  async #pointersOf(fleet: FileTree): Promise<ReadonlyMap<string, RepositoryPointer>> {
    const digest = (await fleet.entry(appsFolder))?.digest
    if (digest !== undefined && digest === this.#read?.digest) return this.#read.pointers
    const pointers = await readPointers(fleet)
    this.#read = { digest, pointers }
    return pointers
  }

  /** Fetches one now. Gives whether something is new. */
  async refresh(app: string): Promise<boolean> {
    const known = this.#known.get(app)
    if (known === undefined) return false
    // One that is under way may have begun too early.
    await this.#fetching.get(app)
    return this.#fetch(app, known.pointer)
  }

  async #fetchAll(pointers: readonly (readonly [string, RepositoryPointer])[]): Promise<boolean> {
    const left = [...pointers]
    let isNew = false
    const work = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        if (await this.#fetch(...next)) isNew = true
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, work))
    return isNew
  }

  #fetch(app: string, pointer: RepositoryPointer): Promise<boolean> {
    let fetching = this.#fetching.get(app)
    if (fetching === undefined) {
      fetching = this.#look(app, pointer).finally(() => this.#fetching.delete(app))
      this.#fetching.set(app, fetching)
    }
    return fetching
  }

  async #look(app: string, pointer: RepositoryPointer): Promise<boolean> {
    const { clock } = this.#parts
    const before = this.#known.get(app)
    const isSame = before !== undefined && jsonEqual(before.pointer, pointer)
    const now = clock.monotonic()
    const isProven = isSame && before.found !== undefined && now - before.provenAt < sameMs
    try {
      const found = await this.#fetchOne(app, pointer, isProven)
      this.#known.set(app, { pointer, found, problem: undefined, at: now, provenAt: isProven ? before.provenAt : now })
      return before?.found?.tip !== found.tip || before.problem !== undefined
    } catch (error) {
      const problem = asSluiceError(error)
      // What was read of the right repository stays in sight; nothing of another one ever is.
      const found = isSame && problem.code !== 'E_APP_REPOSITORY_REPLACED' ? before.found : undefined
      this.#known.set(app, { pointer, found, problem, at: now, provenAt: before?.provenAt ?? Number.NEGATIVE_INFINITY })
      return before?.problem?.message !== problem.message || before.found !== found
    }
  }

  async #fetchOne(app: string, pointer: RepositoryPointer, isProven: boolean): Promise<OwnRepository> {
    const { signal } = this.#parts
    const connection = await this.#reach.connectionFor(pointer.url, { project: pointer.project, environment: '*' })
    return this.#reach.open(connection, pointer.url, async repository => {
      if (!isProven) await requireSame(repository, pointer, signal)
      const mirror = await this.#reach.mirror(pointer.url)
      const options = { depth: Number.POSITIVE_INFINITY, signal }
      const { commit } = await mirror.fetch(repository.remote, `refs/heads/${pointer.branch}`, options)
      return { app, pointer, connection, mirror, tip: commit, tree: mirror.tree(commit) }
    })
  }
}

/** @throws E_APP_REPOSITORY_REPLACED for a repository that is another one than the fleet's repository names */
export async function requireSame(
  { forge, owner, name }: FleetRepository,
  { id, url }: Pick<RepositoryPointer, 'id' | 'url'>,
  signal: AbortSignal,
): Promise<void> {
  const found = await forge.repository(owner, name, signal)
  if (found?.id === id) return
  throw new SluiceError('E_APP_REPOSITORY_REPLACED', {
    object: url,
    expected: `the repository with the id ${id}`,
    seen: found === undefined ? 'none that the connection can see' : `one with the id ${found.id ?? 'unknown'}`,
  })
}
