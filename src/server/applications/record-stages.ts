import { appLabels, releasesOf, type StageName, snapshotAt, sourceNameOf, stageNames } from '../../apps/index.ts'
import { redact } from '../../secrets/secret.ts'
import { deleteStagesBefore, insertStage, stagesOf } from '../../store/tables/release-stages.ts'
import type { ServerContext } from '../context.ts'
import { appState } from '../repository/index.ts'
import { readAppsNow } from './apps-in-git.ts'
import { commitOf } from './deployment-view.ts'
import { rowsToWrite } from './stage-rows.ts'
import { blame, stagesNow } from './timeline.ts'

/** Events that come together are looked at together. */
const gatherMs = 150
const keptDays = 180
/** A Pod that cannot start tells Flux nothing: what is on its way is looked at again after this time, so many at once. */
const lookAgainMs = 10_000
const mostLookedAt = 20

/**
 * Watches Flux's objects for the whole server: writes down when each commit comes to each stage of its way, and tells the pages
 * of the applications that changed. Resolves when the server ends.
 */
export async function recordStages(context: ServerContext): Promise<void> {
  const { flux, signal, clock, logger, store, periodic } = context
  if (flux === undefined) return
  periodic.add('forget old stages', 24 * 3600_000, () =>
    deleteStagesBefore(store.db, new Date(clock.now().getTime() - keptDays * 86_400_000).toISOString()),
  )
  const recorder = new Recorder(context)
  const stop = flux.onChange(event => {
    const { labels = {}, name = '' } = event.object.metadata
    const [app, environment] = [labels[appLabels.application], labels[appLabels.environment]]
    if (app !== undefined && environment !== undefined) recorder.touch(app, environment)
    else if (event.kind === 'GitRepository') recorder.source(name, event.object)
    else if (event.kind === 'HelmRepository') context.live.publish({ topic: 'charts' })
  })
  while (!signal.aborted) {
    await clock.sleep(gatherMs, signal).catch(() => {})
    if (signal.aborted) break
    await recorder.turn().catch(error => logger.debug('stages could not be recorded', { error: redact(String(error)) }))
  }
  stop()
}

interface Target {
  readonly app: string
  readonly environment: string
}

class Recorder {
  readonly #context: ServerContext
  readonly #touched = new Map<string, Target>()
  /** What is on its way: looked at whenever the source moves. */
  readonly #open = new Map<string, Target>()
  /** Folder digests that have come to the end. */
  readonly #done = new Map<string, string>()
  /** Stages that were seen before they were done, of the commit that is on its way. */
  readonly #undone = new Map<string, { readonly commit: string; readonly stages: Set<StageName> }>()
  #lookedAt = 0
  /** The newest release of an application in an environment, by the digest of its folder. */
  readonly #newest = new Map<string, { readonly digest: string; readonly commit: string }>()

  constructor(context: ServerContext) {
    this.#context = context
  }

  touch(app: string, environment: string): void {
    this.#touched.set(`${app}/${environment}`, { app, environment })
  }

  source(name: string, object: { readonly [key: string]: unknown }): void {
    const { state } = this.#context.repository.known
    if (state === undefined) return
    const revision = (object['status'] as { artifact?: { revision?: unknown } } | undefined)?.artifact?.revision
    const commit = commitOf(revision)
    const own = [...state.own.keys()].find(app => sourceNameOf(app) === name)
    if (own !== undefined) this.#context.repository.notifyOwn(own, commit)
    else if (name !== state.place.sourceName) return
    else if (commit !== undefined && commit !== state.tip) this.#context.repository.notify(commit)
    for (const [key, target] of this.#open) this.#touched.set(key, target)
  }

  async turn(): Promise<void> {
    const due = this.#due()
    if (this.#touched.size === 0 && due.length === 0) return
    const touched = new Set(this.#touched.keys())
    const targets = [...this.#touched, ...due.filter(([key]) => !touched.has(key))]
    this.#touched.clear()
    const { repository, live } = this.#context
    const { state } = repository.known
    if (state === undefined) return
    const apps = await readAppsNow(this.#context)
    for (const [key, target] of targets) {
      const application = apps.applications.find(one => one.name === target.app)
      const project = application?.project
      if (project === undefined) {
        this.#open.delete(key)
        this.#undone.delete(key)
        continue
      }
      if (touched.has(key))
        live.publish({ topic: `applications/${target.app}`, scope: { project, environment: target.environment } })
      await this.#look(key, target, project)
    }
  }

  /** What is on its way and was not looked at for a while; those that waited longest first. */
  #due(): [string, Target][] {
    const now = this.#context.clock.monotonic()
    if (this.#open.size === 0 || now - this.#lookedAt < lookAgainMs) return []
    this.#lookedAt = now
    const due = [...this.#open].slice(0, mostLookedAt)
    // To the end of the order: the next turn is for others.
    for (const [key, target] of due) {
      this.#open.delete(key)
      this.#open.set(key, target)
    }
    return due
  }

  async #look(key: string, { app, environment }: Target, project: string): Promise<void> {
    const { state: fleet } = this.#context.repository.known
    if (fleet === undefined) return
    const state = appState(fleet, app)
    const digest = await state.mirror.treeDigest(state.tip, `apps/${app}`)
    if (digest === undefined || this.#done.get(key) === digest) return
    const commit = await this.#newestOf(key, digest, app, environment)
    if (commit === undefined) return
    const { store, clock } = this.#context
    const wanted = await snapshotAt(state.mirror, commit, app, environment)
    const stages = await stagesNow(this.#context, state, { app, environment, commit }, wanted)
    await blame(this.#context, state, { app, environment, commit }, stages)
    const before = await stagesOf(store.db, { application: app, environment, commit })
    const rows = rowsToWrite(stages, {
      now: clock.now(),
      recorded: new Map(before.map(row => [row.stage, row.at])),
      undone: this.#undoneOf(key, commit),
    })
    for (const row of rows)
      await insertStage(store.db, { project, application: app, environment, commit_sha: commit, ...row })
    for (const stage of stages) if (stage.state !== 'done') this.#undoneOf(key, commit).add(stage.name)
    const isThere = stages.length === stageNames.length && stages.at(-1)?.state === 'done'
    if (isThere) {
      this.#done.set(key, digest)
      this.#open.delete(key)
      this.#undone.delete(key)
    } else this.#open.set(key, { app, environment })
  }

  #undoneOf(key: string, commit: string): Set<StageName> {
    const known = this.#undone.get(key)
    if (known?.commit === commit) return known.stages
    const stages = new Set<StageName>()
    this.#undone.set(key, { commit, stages })
    return stages
  }

  async #newestOf(key: string, digest: string, app: string, environment: string): Promise<string | undefined> {
    const known = this.#newest.get(key)
    if (known?.digest === digest) return known.commit
    const { state: fleet } = this.#context.repository.known
    const state = fleet === undefined ? undefined : appState(fleet, app)
    const [newest] =
      state === undefined ? [] : await releasesOf(state.mirror, state.tip, app, environment, { limit: 1 })
    if (newest === undefined) return undefined
    this.#newest.set(key, { digest, commit: newest.commit.sha })
    return newest.commit.sha
  }
}
