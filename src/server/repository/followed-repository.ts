import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Principal } from '../../access/index.ts'
import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { type Connection, connectionFor, openConnection } from '../../connections/index.ts'
import { askReconcile } from '../../fleet/ask-reconcile.ts'
import { type FleetSync, findFleetSync } from '../../fleet/find-sync.ts'
import { type FleetRepository, fleetRepository } from '../../fleet/repository-remote.ts'
import { type ChangeResult, defaultAuthor, reviewWanted, writeChange } from '../../forges/changes/index.ts'
import { type CommitAuthor, type FileChange, type Mirror, openMirror } from '../../git/index.ts'
import { redact } from '../../secrets/secret.ts'
import { refusePlainSecrets } from '../../sops/index.ts'
import { requireGate } from '../require-gate.ts'
import { refuseChanged } from './refuse-changed.ts'
import type { FollowedRepositoryParts, RepositoryChange, RepositoryState } from './types.ts'

/** What is older is fetched again behind the answer. */
const freshMs = 10_000
/** How long what the cluster says of its repository holds. */
const syncMs = 60_000
/** How long what the host says of its rules for the branch holds. */
const reviewMs = 10_000
/** Without anybody who asks, it is looked at so often. */
const lookEveryMs = 30_000

/**
 * The repository that the management cluster follows: one copy of it for the server, fetched with the connection that is for
 * its host, and the only way in which the server writes to it.
 */
export class FollowedRepository {
  readonly #parts: FollowedRepositoryParts
  readonly #mirrors = new Map<string, Promise<Mirror>>()
  #state: RepositoryState | undefined
  #stateAt = Number.NEGATIVE_INFINITY
  #sync: { readonly at: number; readonly sync: FleetSync } | undefined
  #problem: SluiceError | undefined
  #review: { readonly key: string; readonly at: number; readonly why: string | undefined } | undefined
  #fetching: Promise<RepositoryState> | undefined

  constructor(parts: FollowedRepositoryParts) {
    this.#parts = parts
  }

  /** Looks at the repository from time to time until the server ends. Resolves then. */
  async keepFresh(): Promise<void> {
    const { client, clock, signal } = this.#parts
    while (client !== undefined && !signal.aborted) {
      // What is wrong is kept, and told to who asks.
      await this.refresh().catch(() => {})
      await clock.sleep(lookEveryMs, signal).catch(() => {})
    }
    await this.#fetching?.catch(() => {})
    for (const mirror of this.#mirrors.values()) (await mirror.catch(() => undefined))?.close()
  }

  /** What was found last, and what was wrong at the last look; neither before the first one. */
  get known(): { readonly state: RepositoryState | undefined; readonly problem: SluiceError | undefined } {
    return { state: this.#state, problem: this.#problem }
  }

  /**
   * The repository as it was a moment ago. Only the first look is waited for; later ones go on behind the answer.
   *
   * @throws E_FLEET_NO_SYNC, E_FLEET_OTHER_HOST, E_GATE_CLOSED when there is no connection at all, E_GIT_…, E_FORGE_…, E_KUBE_…
   */
  async read(): Promise<RepositoryState> {
    const { clock } = this.#parts
    if (this.#state === undefined) return this.refresh()
    if (clock.monotonic() - this.#stateAt > freshMs) this.refresh().catch(() => {})
    return this.#state
  }

  /** The repository as it is now. Fails as {@link read} does. */
  refresh(): Promise<RepositoryState> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  /** Tells that the cluster follows another place: that is looked for again, and fetched. Fails as {@link read} does. */
  async moved(): Promise<void> {
    // One that is under way may be of the place before.
    await this.#fetching?.catch(() => {})
    this.#sync = undefined
    this.#review = undefined
    await this.refresh()
  }

  /** Tells of a push, or of a revision that the cluster has come to: fetches what is not known. */
  notify(commit?: string): void {
    if (commit !== undefined && commit === this.#state?.tip) return
    // One that is under way may have begun too early.
    const before = this.#fetching
    if (before === undefined) void this.refresh().catch(() => {})
    else void before.catch(() => {}).then(() => this.refresh().catch(() => {}))
  }

  /** Who commits of a person are by. */
  authorOf(who: Principal, host: string): CommitAuthor {
    const { name, displayName } = who.person
    const { email } = defaultAuthor(name, host)
    return { name: displayName.trim() === '' ? name : displayName, email }
  }

  /**
   * Makes a change: asks the gate, then pushes one commit, or opens a request and waits for its merge. Refused when what it is
   * about was changed since it was looked at.
   *
   * @throws E_GATE_CLOSED, E_APP_CHANGED, E_FLEET_OTHER_HOST, E_SOPS_PLAIN_SECRET, E_GIT_…, E_FORGE_…
   */
  async write(change: RepositoryChange): Promise<ChangeResult> {
    const { clock, client, live } = this.#parts
    let connection: Connection | undefined
    for (const scope of change.scopes) connection ??= await requireGate(this.#parts, scope)
    for (const scope of change.scopes.slice(1)) await requireGate(this.#parts, scope)
    if (connection === undefined) throw new SluiceError('E_INTERNAL', { object: 'a change', seen: 'no scope' })
    // Templates of charts are no manifests: what they say of Secrets is filled in by helm.
    refusePlainSecrets(change.changes.filter(({ path }) => !/^charts\/[^/]+\/templates\//.test(path)))
    const { sync, mirror } = await this.read()
    const review = connection.settings.review
    const result = await this.#withRepository(connection, sync, ({ forge, owner, name, remote }) =>
      writeChange({
        forge,
        owner,
        repository: name,
        mode: change.byRequest ? 'always' : review,
        key: change.key,
        describe: () => change.text,
        mirror,
        remote,
        branch: sync.branch,
        edit: async (tree, tip) => {
          if (await isThere(tree, change.changes)) return []
          if (tip !== undefined) await refuseChanged(mirror, { ...change, tip })
          return change.changes
        },
        message: change.message,
        author: this.authorOf(change.who, forge.host),
        clock,
        ...(change.onReview && { onReview: change.onReview }),
        signal: change.signal,
      }),
    )
    if (result.pushed) {
      await this.refresh()
      if (client !== undefined) await askReconcile(client, sync, change.signal).catch(() => false)
      live.publish({ topic: 'repository' })
    }
    return result
  }

  /** Why a change would go by a request, as far as the host tells at once; undefined when it is pushed. */
  async reviewWanted({ connection, sync }: RepositoryState): Promise<string | undefined> {
    const { clock, signal } = this.#parts
    const key = `${connection.id} ${connection.version}`
    if (this.#review?.key === key && clock.monotonic() - this.#review.at < reviewMs) return this.#review.why
    const asked = this.#withRepository(connection, sync, ({ forge, owner, name }) => {
      const end = AbortSignal.any([signal, AbortSignal.timeout(5000)])
      return reviewWanted(
        { forge, owner, repository: name, branch: sync.branch, signal: end },
        connection.settings.review,
      )
    })
    // The push itself tells when this cannot be known.
    const why = await asked.catch(() => undefined)
    this.#review = { key, at: clock.monotonic(), why }
    return why
  }

  async #fetch(): Promise<RepositoryState> {
    const { clock, logger, live } = this.#parts
    const before = { tip: this.#state?.tip, code: this.#problem?.code }
    try {
      const sync = await this.#findSync()
      const connection = await this.#connectionFor(sync)
      const { mirror, commit } = await this.#withRepository(connection, sync, async ({ remote }) => {
        const mirror = await this.#mirror(sync.url)
        const options = { depth: Number.POSITIVE_INFINITY, signal: this.#parts.signal }
        return { mirror, commit: (await mirror.fetch(remote, `refs/heads/${sync.branch}`, options)).commit }
      })
      const { namespace: systemNamespace, sourceName, path: fleetPath } = sync
      this.#state = {
        sync,
        place: { fleetPath, systemNamespace, sourceName },
        connection,
        mirror,
        tip: commit,
        tree: mirror.tree(commit),
        fetchedAt: clock.now().toISOString(),
      }
      this.#problem = undefined
      return this.#state
    } catch (error) {
      this.#problem = asSluiceError(error)
      // The cluster may follow another repository by now.
      this.#sync = undefined
      if (before.code !== this.#problem.code)
        logger.warn('the repository of the fleet could not be read', { error: redact(this.#problem.message) })
      throw this.#problem
    } finally {
      this.#stateAt = clock.monotonic()
      const after = { tip: this.#state?.tip, code: this.#problem?.code }
      if (before.tip !== after.tip || before.code !== after.code) live.publish({ topic: 'repository' })
      if (before.tip !== undefined && before.tip !== after.tip)
        for (const topic of ['applications', 'charts', 'fleet']) live.publish({ topic })
    }
  }

  async #findSync(): Promise<FleetSync> {
    const { client, clock, signal } = this.#parts
    if (client === undefined) {
      throw new SluiceError('E_FLEET_NO_SYNC', {
        object: 'this server',
        seen: 'no management cluster',
        next: 'Start it with --kubeconfig or --context for the cluster that follows the repository.',
      })
    }
    if (this.#sync !== undefined && clock.monotonic() - this.#sync.at < syncMs) return this.#sync.sync
    const sync = await findFleetSync(client, AbortSignal.any([signal, AbortSignal.timeout(30_000)]))
    this.#sync = { at: clock.monotonic(), sync }
    return sync
  }

  /** The connection that is for the host of the repository: the default one by preference. */
  async #connectionFor(sync: FleetSync): Promise<Connection> {
    const all = await this.#parts.connections.list()
    const first = connectionFor(all, { project: '*', environment: '*' })
    const [best] = all
    if (best === undefined) await requireGate(this.#parts, { project: '*', environment: '*' })
    let problem: unknown
    for (const connection of first === undefined ? all : [first, ...all.filter(one => one.id !== first.id)]) {
      try {
        await this.#withRepository(connection, sync, async () => undefined)
        return connection
      } catch (error) {
        problem ??= error
      }
    }
    throw problem
  }

  /** Opens the host with a connection's credential, which goes nowhere but to the host that it is for. */
  async #withRepository<T>(
    connection: Connection,
    sync: FleetSync,
    work: (repository: FleetRepository) => Promise<T>,
  ): Promise<T> {
    const { connections, clock, logger } = this.#parts
    const forge = openConnection(connection, await connections.credential(connection.id), { clock, logger })
    try {
      return await work(fleetRepository(forge, sync.url))
    } finally {
      await forge.close()
    }
  }

  async #mirror(url: string): Promise<Mirror> {
    const parent = join(this.#parts.dataDir, 'repositories')
    const name = createHash('sha256').update(url).digest('hex').slice(0, 16)
    let mirror = this.#mirrors.get(name)
    if (mirror === undefined) {
      mirror = mkdir(parent, { recursive: true, mode: 0o700 }).then(() => openMirror(join(parent, name)))
      this.#mirrors.set(name, mirror)
      mirror.catch(() => this.#mirrors.delete(name))
    }
    return mirror
  }
}

/** Whether every file is as a change wants it. */
async function isThere(tree: FileTree, changes: readonly FileChange[]): Promise<boolean> {
  for (const { path, content } of changes) {
    const now = await tree.read(path)
    if (content === undefined ? now !== undefined : now === undefined || !now.equals(Buffer.from(content))) return false
  }
  return true
}
