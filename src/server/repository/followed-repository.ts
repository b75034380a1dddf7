import type { Principal } from '../../access/index.ts'
import { mountApps, sourceNameOf } from '../../apps/index.ts'
import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import type { Connection } from '../../connections/index.ts'
import { askReconcile } from '../../fleet/ask-reconcile.ts'
import { type FleetSync, findFleetSync } from '../../fleet/find-sync.ts'
import { type ChangeResult, defaultAuthor, reviewWanted, writeChange } from '../../forges/changes/index.ts'
import type { CommitAuthor, FileChange } from '../../git/index.ts'
import { redact } from '../../secrets/secret.ts'
import { refusePlainSecrets } from '../../sops/index.ts'
import { requireGate } from '../require-gate.ts'
import { OwnRepositories, requireSame } from './own-repositories.ts'
import { Reach } from './reach.ts'
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
  /** The ways to repositories. */
  readonly reach: Reach
  readonly #own: OwnRepositories
  #state: RepositoryState | undefined
  #stateAt = Number.NEGATIVE_INFINITY
  #sync: { readonly at: number; readonly sync: FleetSync } | undefined
  #problem: SluiceError | undefined
  #review: { readonly key: string; readonly at: number; readonly why: string | undefined } | undefined
  #fetching: Promise<RepositoryState> | undefined

  constructor(parts: FollowedRepositoryParts) {
    this.#parts = parts
    this.reach = new Reach(parts)
    this.#own = new OwnRepositories(parts, this.reach)
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
    await this.reach.close()
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
    const { into } = change
    const { sync: fleet } = await this.read()
    const sync = into === undefined ? fleet : { ...fleet, url: into.url, branch: into.branch }
    const mirror = await this.reach.mirror(sync.url)
    const review = connection.settings.review
    const result = await this.reach.open(connection, sync.url, async repository => {
      const { forge, owner, name, remote } = repository
      if (into !== undefined) await requireSame(repository, into, change.signal)
      return writeChange({
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
      })
    })
    if (result.pushed) {
      if (into === undefined) await this.refresh()
      else if (await this.#own.refresh(into.app)) this.#ownChanged(into.app)
      const source = into === undefined ? fleet : { ...fleet, sourceName: sourceNameOf(into.app) }
      // The source of an application is not there before the fleet's repository says so.
      if (client !== undefined) await askReconcile(client, source, change.signal).catch(() => false)
      live.publish({ topic: 'repository' })
    }
    return result
  }

  /** Why a change would go by a request, as far as the host tells at once; undefined when it is pushed. */
  async reviewWanted({ connection, sync }: RepositoryState): Promise<string | undefined> {
    const { clock, signal } = this.#parts
    const key = `${connection.id} ${connection.version} ${sync.url}`
    if (this.#review?.key === key && clock.monotonic() - this.#review.at < reviewMs) return this.#review.why
    const asked = this.reach.open(connection, sync.url, ({ forge, owner, name }) => {
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
      const connection = await this.reach.connectionFor(sync.url)
      const { mirror, commit } = await this.reach.open(connection, sync.url, async ({ remote }) => {
        const mirror = await this.reach.mirror(sync.url)
        const options = { depth: Number.POSITIVE_INFINITY, signal: this.#parts.signal }
        return { mirror, commit: (await mirror.fetch(remote, `refs/heads/${sync.branch}`, options)).commit }
      })
      const { namespace: systemNamespace, sourceName, path: fleetPath } = sync
      const { later } = await this.#own.take(mirror.tree(commit))
      this.#state = this.#withOwn({
        sync,
        place: { fleetPath, systemNamespace, sourceName },
        connection,
        mirror,
        tip: commit,
        fetchedAt: clock.now().toISOString(),
      })
      void later.then(isNew => isNew && this.#ownChanged())
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

  /** The state with the repositories of applications as they are known now. */
  #withOwn(fleet: Omit<RepositoryState, 'tree' | 'version' | 'own' | 'ownProblems'>): RepositoryState {
    const { all: own, problems: ownProblems } = this.#own
    const trees = new Map([...own].map(([app, { tree }]) => [app, tree]))
    const tips = [...own].map(([app, { tip }]) => `${app} ${tip}`)
    const wrong = [...ownProblems].map(([app, { message }]) => `${app} ${message}`)
    return {
      ...fleet,
      tree: mountApps(fleet.mirror.tree(fleet.tip), trees),
      version: [fleet.tip, ...tips, ...wrong].join('\n'),
      own,
      ownProblems,
    }
  }

  #ownChanged(app?: string): void {
    if (this.#state !== undefined) this.#state = this.#withOwn(this.#state)
    this.#parts.live.publish({ topic: 'applications' })
    if (app !== undefined) this.#parts.live.publish({ topic: `applications/${app}` })
  }

  /** Tells of a revision that the cluster has come to in the repository of an application: fetches what is not known. */
  notifyOwn(app: string, commit?: string): void {
    const known = this.#own.all.get(app)
    if (known === undefined || known.tip === commit) return
    void this.#own.refresh(app).then(isNew => isNew && this.#ownChanged(app))
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
}

/** Whether every file is as a change wants it. */
async function isThere(tree: FileTree, changes: readonly FileChange[]): Promise<boolean> {
  for (const { path, content } of changes) {
    const now = await tree.read(path)
    if (content === undefined ? now !== undefined : now === undefined || !now.equals(Buffer.from(content))) return false
  }
  return true
}
