import { z } from 'zod'
import { allowsSomewhere } from '../../../access/index.ts'
import type { Application, ChartChoice } from '../../../apps/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { applyPlan } from '../../applications/apply-plan.ts'
import { readAppsNow, visiblePart } from '../../applications/apps-in-git.ts'
import { previewOf } from '../../applications/preview.ts'
import { stateAt } from '../../applications/state-at.ts'
import { repositoryChart } from '../../charts/chart-archive.ts'
import { chartAt, chartNamed, indexSoon } from '../../charts/chart-index.ts'
import {
  type ChartRepository,
  chartRepositoryNamed,
  isRegistry,
  namedCharts,
  readChartRepositories,
} from '../../charts/chart-repositories.ts'
import { aboutChart } from '../../charts/chart-summary.ts'
import { checkRepository } from '../../charts/check-repository.ts'
import { planChartChange } from '../../charts/plan-chart-change.ts'
import type { ServerContext } from '../../context.ts'
import { applyChangeWishSchema } from '../../contract/change-result.ts'
import {
  type ChartRepositoryView,
  chartChangePreviewSchema,
  chartChangeSchema,
  chartDetailSchema,
  chartRepositoriesSchema,
  chartRepositoryCheckSchema,
  chartRepositoryWishSchema,
  chartsSchema,
} from '../../contract/charts.ts'
import { jobSchema } from '../../contract/live.ts'
import { defineRoute } from '../../http/route.ts'
import { listed, operatorOfAll } from '../applications/needs.ts'

const tag = 'charts'
/** Pages do not wait longer for a host. */
const soonMs = 3000
const wish = z.object({ change: chartChangeSchema })

const listRepositories = defineRoute({
  method: 'get',
  path: '/api/v1/charts/repositories',
  tag,
  summary: 'Chart repositories',
  needs: listed,
  answer: chartRepositoriesSchema,
  async handle({ context, who }) {
    const { applications, state } = await readAppsNow(context)
    const visible = applications.flatMap(one => visiblePart(who, one) ?? [])
    const found = await readChartRepositories(context, state)
    return {
      tip: state.tip,
      repositories: await Promise.all(found.map(one => repositoryView(context, one, visible))),
    }
  },
})

const checkRoute = defineRoute({
  method: 'post',
  path: '/api/v1/charts/repositories/check',
  tag,
  summary: 'Look at a chart repository before it is added',
  needs: operatorOfAll,
  body: chartRepositoryWishSchema,
  answer: chartRepositoryCheckSchema,
  audit: { none: 'only reads from the host' },
  handle: async ({ context, body }) => checkRepository(context, await context.repository.read(), body),
})

const previewChange = defineRoute({
  method: 'post',
  path: '/api/v1/charts/changes/preview',
  tag,
  summary: 'The commit that a change of the chart repositories would make',
  needs: operatorOfAll,
  body: wish,
  answer: chartChangePreviewSchema,
  audit: { none: 'only looks' },
  async handle({ context, who, body }) {
    const state = await context.repository.read()
    return previewOf(context, state, await planChartChange(context, state, body.change), who)
  },
})

const applyChange = defineRoute({
  method: 'post',
  path: '/api/v1/charts/changes',
  tag,
  summary: 'Add, change or remove a chart repository by one commit',
  needs: operatorOfAll,
  body: applyChangeWishSchema.omit({ change: true }).extend(wish.shape),
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, body }) {
    const { change } = body
    const state = await stateAt(context, body.tip)
    const plan = await planChartChange(context, state, change)
    if (change.kind === 'add') await requireReadable(context, state, change.repository)
    if (change.kind === 'login') await requireReadable(context, state, await asWish(context, state, change))
    const name = change.kind === 'add' ? change.repository.name : change.name
    return applyPlan(context, {
      who,
      kind: 'chart.change',
      object: `chart repository ${name}`,
      plan,
      state,
      subject: body.subject,
      byRequest: body.request,
      follow: false,
    })
  },
})

const searchCharts = defineRoute({
  method: 'get',
  path: '/api/v1/charts',
  tag,
  summary: 'Charts of all repositories, best match first',
  needs: listed,
  query: z.object({
    query: z.string().max(200).default(''),
    repository: z.string().max(253).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answer: chartsSchema,
  async handle({ context, who, query }) {
    const state = await context.repository.read()
    const all = await readChartRepositories(context, state)
    const asked = query.repository === undefined ? all : all.filter(one => one.name === query.repository)
    if (query.query.trim().startsWith('oci://')) {
      const mayAsk = allowsSomewhere(who.grants, 'operator')
      const found = await Promise.all(asked.map(one => mayAsk && chartAt(context, one, query.query.trim())))
      const charts = found.filter(one => one !== false && one !== undefined)
      return { charts: charts.slice(0, query.limit), total: charts.length, failed: [] }
    }
    const indexes = await Promise.all(asked.map(one => indexSoon(context, one, soonMs)))
    const words = query.query
      .toLowerCase()
      .split(/\s+/)
      .filter(word => word !== '')
    const ranked = indexes
      .flatMap(index => index?.charts ?? [])
      .map(chart => ({ chart, rank: rankOf(chart, words) }))
      .filter(one => one.rank > 0)
      .sort((a, b) => b.rank - a.rank || (a.chart.name < b.chart.name ? -1 : 1))
    return {
      charts: ranked.slice(0, query.limit).map(one => one.chart),
      total: ranked.length,
      failed: indexes.flatMap((index, i) => {
        const message = index === undefined ? 'it is still being read' : index.problem
        return message === undefined ? [] : [{ repository: asked[i]!.name, message }]
      }),
    }
  },
})

const oneChart = defineRoute({
  method: 'get',
  path: '/api/v1/charts/chart',
  tag,
  summary: 'One chart: versions, README, values and their schema',
  needs: listed,
  query: z.object({
    repository: z.string().min(1).max(253),
    name: z.string().min(1).max(250),
    version: z.string().min(1).max(100).optional(),
  }),
  answer: chartDetailSchema,
  async handle({ context, who, query }) {
    const { applications, state } = await readAppsNow(context)
    const repository = await chartRepositoryNamed(context, state, query.repository)
    const chart = await chartNamed(context, repository, query.name, allowsSomewhere(who.grants, 'operator'))
    const shown = query.version ?? chart.version
    const visible = applications.flatMap(one => visiblePart(who, one) ?? [])
    const common = {
      ...chart,
      versions: [...chart.versions],
      sources: [...chart.sources],
      maintainers: [...chart.maintainers],
      shown,
      usedBy: usesOf(visible, one => one.repository === repository.name && one.name === query.name),
    }
    try {
      const wanted = { kind: 'Chart', repository: repository.name, name: query.name, version: shown } as const
      const { content, metadata } = await repositoryChart(context, wanted)
      if (!isRegistry(repository)) return { ...common, content }
      const about = aboutChart(repository.name, chart.name, metadata)
      const { appVersion } = about
      const versions = common.versions.map(one =>
        one.version === shown && appVersion !== undefined ? { ...one, appVersion } : one,
      )
      return { ...common, ...about, versions, content }
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      return { ...common, contentProblem: error.message }
    }
  },
})

async function repositoryView(
  context: ServerContext,
  repository: ChartRepository,
  visible: readonly Application[],
): Promise<ChartRepositoryView> {
  const { name, object, file } = repository
  const index = await indexSoon(context, repository, soonMs)
  return {
    name,
    type: isRegistry(repository) ? 'oci' : 'http',
    url: object.spec.url,
    hasCredentials: object.spec.secretRef !== undefined,
    charts: namedCharts(repository),
    state: index === undefined || index.pending ? 'unknown' : index.problem === undefined ? 'ready' : 'failed',
    message: index === undefined ? 'it is still being read' : (index.problem ?? ''),
    ...(index === undefined ? {} : { checkedAt: index.at }),
    ...(index === undefined || index.problem !== undefined ? {} : { chartCount: index.charts.length }),
    ...(file === undefined ? {} : { file }),
    usedBy: usesOf(visible, one => one.repository === name).map(({ application, environment }) => ({
      application,
      environment,
    })),
  }
}

function usesOf(
  applications: readonly Application[],
  fits: (chart: Extract<ChartChoice, { kind: 'Chart' }>) => boolean,
): { application: string; environment: string; version: string }[] {
  return applications.flatMap(one =>
    one.deployments.flatMap(({ environment, chart }) =>
      chart.kind === 'Chart' && fits(chart) ? [{ application: one.name, environment, version: chart.version }] : [],
    ),
  )
}

/** How well a chart fits words: all have to be in it somewhere; its name counts most. */
function rankOf(
  chart: {
    readonly name: string
    readonly description: string
    readonly keywords: readonly string[]
    readonly deprecated: boolean
  },
  words: readonly string[],
): number {
  let rank = 1
  const name = chart.name.toLowerCase()
  const rest = `${chart.description} ${chart.keywords.join(' ')}`.toLowerCase()
  for (const word of words) {
    const score =
      name === word ? 100 : name.startsWith(word) ? 50 : name.includes(word) ? 30 : rest.includes(word) ? 5 : 0
    if (score === 0) return 0
    rank += score
  }
  return chart.deprecated ? rank / 10 : rank
}

/** A repository of Git as it would be added, with another login. */
async function asWish(
  context: ServerContext,
  state: Awaited<ReturnType<typeof stateAt>>,
  { name, username, password }: { readonly name: string; username?: string | undefined; password?: string | undefined },
): Promise<Parameters<typeof checkRepository>[2]> {
  const repository = await chartRepositoryNamed(context, state, name)
  return { name, url: repository.object.spec.url, username, password, charts: namedCharts(repository) }
}

async function requireReadable(
  context: ServerContext,
  state: Awaited<ReturnType<typeof stateAt>>,
  repository: Parameters<typeof checkRepository>[2],
): Promise<void> {
  const check = await checkRepository(context, state, repository)
  const failed = check.checks.find(one => one.state === 'failed')
  if (check.ok) return
  throw new SluiceError('E_CHART_REPOSITORY', {
    object: `chart repository ${repository.name}`,
    seen: failed?.said ?? 'it cannot be read',
    ...(failed?.next === undefined ? {} : { next: failed.next }),
  })
}

export const chartRoutes = [listRepositories, checkRoute, previewChange, applyChange, searchCharts, oneChart]
