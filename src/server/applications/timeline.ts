import { at, inOrder, type Snapshot, type Stage, snapshotAt, timelineOf } from '../../apps/index.ts'
import { redact } from '../../secrets/secret.ts'
import { stagesOf } from '../../store/tables/release-stages.ts'
import type { ServerContext } from '../context.ts'
import type { StageView, TimelineView } from '../contract/timeline.ts'
import { commitUrl, commitView, type RepositoryState } from '../repository/index.ts'
import { Ancestry } from './ancestry.ts'
import { readAppsNow } from './apps-in-git.ts'
import { culpritOf, type KnownCulprit } from './culprit.ts'
import { commitOf, objectsFor } from './deployment-view.ts'

/** A commit on its way into an environment. */
export interface Journey {
  readonly app: string
  readonly environment: string
  readonly commit: string
}

const ancestry = new Ancestry()

/** How far a commit has come, from what the cluster says now. `wanted` is what it releases there. */
export async function stagesNow(
  context: ServerContext,
  { mirror, place }: RepositoryState,
  { app, environment, commit }: Journey,
  wanted: Snapshot | undefined,
): Promise<readonly Stage[]> {
  const { flux } = context
  const source = flux?.sources.get(place.systemNamespace, place.sourceName)
  const { release, kustomization } = objectsFor(flux, place.systemNamespace, app, environment)
  const found = await mirror.commit(commit)
  const revisions = [
    at(source, 'status', 'artifact', 'revision'),
    at(kustomization, 'status', 'lastAttemptedRevision'),
    at(kustomization, 'status', 'lastAppliedRevision'),
  ]
  const holding = await ancestry.holding(
    mirror,
    revisions.flatMap(one => commitOf(one) ?? []),
    commit,
  )
  return timelineOf({
    commit: { sha: commit, date: found?.date ?? context.clock.now().toISOString() },
    wanted,
    source,
    kustomization,
    release,
    holds: revision => {
      const sha = commitOf(revision)
      return sha !== undefined && holding.has(sha)
    },
  })
}

/** The timeline of a commit, with the times that the server saw, and what is to blame. */
export async function timelineView(
  context: ServerContext,
  state: RepositoryState,
  journey: Journey,
  isNewest: boolean,
): Promise<TimelineView> {
  const { app, environment, commit } = journey
  const found = await state.mirror.commit(commit)
  const recorded = await stagesOf(context.store.db, { application: app, environment, commit })
  const seen = new Map(recorded.map(row => [row.stage, row.at]))
  const wanted = await snapshotAt(state.mirror, commit, app, environment)
  const stages = isNewest ? await stagesNow(context, state, journey, wanted) : past(seen, found?.date)
  const culprit = isNewest ? await blame(context, state, journey, stages) : undefined
  return {
    environment,
    commit: found
      ? commitView(found, commitUrl(state.connection, state.sync.url, commit))
      : { sha: commit, subject: '', author: { name: '', email: '' }, date: '' },
    stages: stagesSeen(stages, seen).map(stage => stageView(stage, seen.get('committed'))),
    ...(culprit === undefined ? {} : { culprit }),
  }
}

/** What is to blame when a journey has failed, or stands still for a reason that a Pod tells; lists and pages are told. */
export async function blame(
  context: ServerContext,
  state: RepositoryState,
  journey: Journey,
  stages: readonly Stage[],
): Promise<KnownCulprit | undefined> {
  const found = await findCulprit(context, state, journey, stages)
  const { app, environment } = journey
  if (context.troubles.note(app, environment, found)) {
    const { applications } = await readAppsNow(context)
    const project = applications.find(one => one.name === app)?.project
    if (project !== undefined) context.live.publish({ topic: `applications/${app}`, scope: { project, environment } })
  }
  return found
}

async function findCulprit(
  context: ServerContext,
  state: RepositoryState,
  journey: Journey,
  stages: readonly Stage[],
): Promise<KnownCulprit | undefined> {
  const stuck = stages.find(stage => stage.state === 'failed' || stage.state === 'running')
  if (stuck === undefined || stuck.name === 'fetched') return undefined
  if (stuck.state === 'running' && stuck.name !== 'applied' && stuck.name !== 'healthy') return undefined
  return culpritOf(context, state, journey, stuck).catch(() => undefined)
}

/** A commit that others came after: what the server saw of it. */
function past(seen: ReadonlyMap<string, string>, date: string | undefined): Stage[] {
  const names = ['committed', 'fetched', 'rendered', 'applied', 'healthy'] as const
  const last = names.findLastIndex(name => seen.has(name))
  return names.map((name, i): Stage => {
    const when = seen.get(name) ?? (name === 'committed' ? date : undefined)
    const state = i <= Math.max(0, last) ? 'done' : 'not-run'
    return { name, state, ...(when === undefined ? {} : { at: when }) }
  })
}

/** What the server saw counts before what the cluster tells: it is more exact. */
function stagesSeen(stages: readonly Stage[], seen: ReadonlyMap<string, string>): Stage[] {
  return inOrder(
    stages.map(stage => {
      const own = stage.state === 'done' ? (seen.get(stage.name) ?? stage.at) : stage.at
      return own === undefined ? stage : { ...stage, at: own }
    }),
  )
}

function stageView({ name, state, at, detail, object }: Stage, begun: string | undefined): StageView {
  const ms =
    begun === undefined || at === undefined || state !== 'done' ? Number.NaN : Date.parse(at) - Date.parse(begun)
  return {
    name,
    state,
    ...(at === undefined ? {} : { at }),
    ...(Number.isNaN(ms) ? {} : { ms }),
    ...(detail === undefined ? {} : { detail: redact(detail).slice(0, 4000) }),
    ...(object === undefined ? {} : { object }),
  }
}
