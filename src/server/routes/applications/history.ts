import { z } from 'zod'
import { allows } from '../../../access/index.ts'
import { type Release, releasesOf, snapshotAt, valueChanges, valuesTextOf, wholeSecondMs } from '../../../apps/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { jsonEqual } from '../../../base/json.ts'
import { unifiedDiff } from '../../../base/text-diff.ts'
import { redact } from '../../../secrets/secret.ts'
import { type ReleaseStagesTable, stagesOf, stagesSince } from '../../../store/tables/release-stages.ts'
import { appNamed, readAppsNow } from '../../applications/apps-in-git.ts'
import { deploymentView, imageOf } from '../../applications/deployment-view.ts'
import { compareManifests } from '../../applications/rendered.ts'
import { timelineView } from '../../applications/timeline.ts'
import { visibleCommit } from '../../applications/visible-commits.ts'
import { compareSchema, type ReleaseView, releasesSchema } from '../../contract/history.ts'
import { latencySchema, timelineSchema } from '../../contract/timeline.ts'
import { defineRoute } from '../../http/route.ts'
import { appState, commitUrl, commitView, type RepositoryState, treeAt } from '../../repository/index.ts'
import { listed, viewerThere } from './needs.ts'
import { appParams } from './read.ts'

const tag = 'applications'
const environment = z.string().min(1).max(100)
const commit = z.string().regex(/^[0-9a-f]{7,64}$/, 'expected the id of a commit')

const readTimeline = defineRoute({
  method: 'get',
  path: '/api/v1/applications/{app}/timeline',
  tag,
  summary: 'The way of a commit into an environment, with times and what is to blame',
  needs: viewerThere,
  params: appParams,
  query: z.object({ environment, commit: commit.optional() }),
  answer: timelineSchema,
  async handle({ context, who, params, query }) {
    const apps = await readAppsNow(context)
    const application = appNamed(apps, params.app)
    const state = appState(apps.state, params.app)
    const [newest] = await releasesOf(state.mirror, state.tip, params.app, query.environment, { limit: 1 })
    const asked =
      query.commit === undefined ? newest?.commit.sha : (await visibleCommit(who, state, application, query.commit)).sha
    if (asked === undefined)
      throw new SluiceError('E_NOT_FOUND', { object: `a release of ${params.app} in ${query.environment}` })
    // A commit after the newest release changes nothing there: its way is that release's.
    const isNewest =
      newest === undefined || asked === newest.commit.sha || (await state.mirror.holds(asked, newest.commit.sha))
    return timelineView(context, state, { app: params.app, environment: query.environment, commit: asked }, isNewest)
  },
})

const listReleases = defineRoute({
  method: 'get',
  path: '/api/v1/applications/{app}/releases',
  tag,
  summary: 'Releases of an application in an environment, newest first',
  needs: viewerThere,
  params: appParams,
  query: z.object({ environment, limit: z.coerce.number().int().min(1).max(200).default(50) }),
  answer: releasesSchema,
  async handle({ context, params, query }) {
    const apps = await readAppsNow(context)
    const application = appNamed(apps, params.app)
    const state = appState(apps.state, params.app)
    const at = { application: params.app, environment: query.environment }
    const [releases, rows] = await Promise.all([
      releasesOf(state.mirror, state.tip, params.app, query.environment, { limit: query.limit }),
      stagesOf(context.store.db, at),
    ])
    const deployment = application.deployments.find(one => one.environment === query.environment)
    const view =
      deployment && deploymentView(application, deployment, apps.environments, context, state.place.systemNamespace)
    const times = byCommit(rows)
    return {
      environment: query.environment,
      releases: releases.map((release, i) =>
        releaseView(state, release, times.get(release.commit.sha), i > 0 ? 'past' : newestState(view)),
      ),
    }
  },
})

const compareReleases = defineRoute({
  method: 'get',
  path: '/api/v1/applications/{app}/compare',
  tag,
  summary: 'What differs between two releases: values, and the manifests where asked for',
  needs: viewerThere,
  params: appParams,
  query: z.object({ environment, from: commit, to: commit, rendered: z.enum(['true', 'false']).default('false') }),
  answer: compareSchema,
  async handle({ context, who, params, query, http }) {
    const apps = await readAppsNow(context)
    const application = appNamed(apps, params.app)
    const state = appState(apps.state, params.app)
    const [from, to] = await Promise.all([
      visibleCommit(who, state, application, query.from),
      visibleCommit(who, state, application, query.to),
    ])
    const [a, b] = await Promise.all(
      [from, to].map(({ sha }) => snapshotAt(state.mirror, sha, params.app, query.environment)),
    )
    const rendering = {
      app: params.app,
      environment: query.environment,
      place: state.place,
      signal: http.req.raw.signal,
    }
    return {
      from: commitView(from, commitUrl(state.connection, state.sync.url, from.sha)),
      to: commitView(to, commitUrl(state.connection, state.sync.url, to.sha)),
      values: valueChanges(a?.values ?? {}, b?.values ?? {}).map(one => ({ ...one, path: [...one.path] })),
      ...(a && b && !jsonEqual(a.chart, b.chart) ? { chart: { before: a.chart, after: b.chart } } : {}),
      valuesDiff: redact(unifiedDiff('values.yaml', valuesTextOf(a?.values ?? {}), valuesTextOf(b?.values ?? {}))),
      ...(query.rendered === 'true'
        ? {
            rendered: await compareManifests(context, rendering, treeAt(state, from.sha), treeAt(state, to.sha)),
          }
        : {}),
    }
  },
})

const readLatency = defineRoute({
  method: 'get',
  path: '/api/v1/latency',
  tag,
  summary: 'How long commits took to come alive, oldest first',
  needs: listed,
  query: z.object({
    since: z.iso.datetime().optional(),
    application: z.string().max(100).optional(),
    environment: environment.optional(),
  }),
  answer: latencySchema,
  async handle({ context, who, query }) {
    const since = query.since ?? new Date(context.clock.now().getTime() - 30 * 86_400_000).toISOString()
    const rows = await stagesSince(context.store.db, { ...query, since, limit: 20_000 })
    const groups = new Map<string, ReleaseStagesTable[]>()
    for (const row of rows) {
      if (!allows(who.grants, 'viewer', { project: row.project, environment: row.environment })) continue
      const key = `${row.application}/${row.environment}/${row.commit_sha}`
      groups.set(key, [...(groups.get(key) ?? []), row])
    }
    return { points: [...groups.values()].flatMap(pointOf).sort((a, b) => (a.committedAt < b.committedAt ? -1 : 1)) }
  },
})

function pointOf(rows: readonly ReleaseStagesTable[]) {
  const [first] = rows
  const committed = rows.find(row => row.stage === 'committed')
  if (!first || !committed) return []
  const stages: Record<string, number> = {}
  for (const row of rows) {
    const ms = row.stage === 'committed' ? undefined : msBetween(committed.at, row.at)
    if (ms !== undefined) stages[row.stage] = ms
  }
  const { application, environment, commit_sha } = first
  return [{ application, environment, commit: commit_sha, committedAt: committed.at, stages }]
}

/** Nothing where a time that was written down is of something else: from before the commit. */
function msBetween(begun: string | undefined, end: string | undefined): number | undefined {
  if (begun === undefined || end === undefined) return undefined
  const ms = Date.parse(end) - Date.parse(begun)
  return ms + wholeSecondMs > 0 ? Math.max(0, ms) : undefined
}

function byCommit(rows: readonly ReleaseStagesTable[]): Map<string, Map<string, string>> {
  const out = new Map<string, Map<string, string>>()
  for (const row of rows)
    out.set(row.commit_sha, (out.get(row.commit_sha) ?? new Map<string, string>()).set(row.stage, row.at))
  return out
}

function newestState(view: ReturnType<typeof deploymentView> | undefined): ReleaseView['state'] {
  if (view === undefined) return 'live'
  if (view.health.state === 'failed') return 'failed'
  return view.health.state === 'healthy' || (view.health.state === 'suspended' && view.agrees) ? 'live' : 'pending'
}

function releaseView(
  { connection, sync }: RepositoryState,
  { commit, before, after }: Release,
  times: ReadonlyMap<string, string> | undefined,
  state: ReleaseView['state'],
): ReleaseView {
  const image = imageOf(after?.values)
  const healthyAfterMs = msBetween(times?.get('committed'), times?.get('healthy'))
  return {
    commit: commitView(commit, commitUrl(connection, sync.url, commit.sha)),
    change: before === undefined ? 'new' : after === undefined ? 'gone' : 'changed',
    ...(after === undefined ? {} : { chart: after.chart, suspended: after.suspended }),
    ...(image === undefined ? {} : { image }),
    values:
      before && after
        ? valueChanges(before.values, after.values)
            .slice(0, 50)
            .map(one => ({ ...one, path: [...one.path] }))
        : [],
    ...(before && after && !jsonEqual(before.chart, after.chart)
      ? { chartMove: { before: before.chart, after: after.chart } }
      : {}),
    state,
    ...(healthyAfterMs === undefined ? {} : { healthyAfterMs }),
  }
}

export const historyRoutes = [readTimeline, listReleases, compareReleases, readLatency]
