import { z } from 'zod'
import { allows, everything, type Principal } from '../../access/index.ts'
import { redact } from '../../secrets/secret.ts'
import { readAppsNow, visiblePart } from '../applications/apps-in-git.ts'
import { indexSoon } from '../charts/chart-index.ts'
import { readChartRepositories } from '../charts/chart-repositories.ts'
import type { ServerContext } from '../context.ts'
import { type SearchView, searchSchema } from '../contract/search.ts'
import { fleetScope } from '../fleet/scope.ts'
import { defineRoute } from '../http/route.ts'
import { commitUrl, commitView } from '../repository/index.ts'
import { bestOf, wordsOf } from '../search/matches.ts'
import { nameOf, sees } from './reconciliation/view.ts'

/** Of each kind: a list that is read while typing. */
const most = 6
/** Charts that are not known within this time are not waited for. */
const soonMs = 200

const search = defineRoute({
  method: 'get',
  path: '/api/v1/search',
  tag: 'search',
  summary: 'Applications, clusters, node groups, charts, objects and commits by name',
  needs: { role: 'viewer', scope: 'somewhere' },
  query: z.object({ text: z.string().max(200).default('') }),
  answer: searchSchema,
  async handle({ context, who, query }): Promise<SearchView> {
    const words = wordsOf(query.text)
    if (words.length === 0) return { applications: [], clusters: [], groups: [], charts: [], objects: [], commits: [] }
    const [applications, charts, commits] = await Promise.all([
      applicationsIn(context, who, words).catch(() => []),
      chartsIn(context, words).catch(() => []),
      commitsIn(context, who, query.text.trim()).catch(() => []),
    ])
    return { applications, charts, commits, ...fleetIn(context, who, words), objects: objectsIn(context, who, words) }
  },
})

async function applicationsIn(context: ServerContext, who: Principal, words: readonly string[]) {
  const { applications } = await readAppsNow(context)
  const mine = applications.flatMap(one => visiblePart(who, one) ?? [])
  return bestOf(mine, words, one => ({ title: one.name, more: `${one.title} ${one.project}` }), most).map(
    ({ name, title, project }) => ({ name, title, project }),
  )
}

async function chartsIn(context: ServerContext, words: readonly string[]) {
  const repositories = await readChartRepositories(context, await context.repository.read())
  const indexes = await Promise.all(repositories.map(one => indexSoon(context, one, soonMs)))
  const charts = indexes.flatMap(index => index?.charts ?? [])
  return bestOf(charts, words, one => ({ title: one.name, more: one.repository }), most).map(
    ({ repository, name, version }) => ({ repository, name, version }),
  )
}

/** A commit of the fleet's repository by the beginning of its id. */
async function commitsIn(context: ServerContext, who: Principal, text: string): Promise<SearchView['commits']> {
  if (!/^[0-9a-f]{6,40}$/.test(text) || !allows(who.grants, 'viewer', everything)) return []
  const { mirror, connection, sync } = await context.repository.read()
  const sha = text.length === 40 ? text : await mirror.resolve(text)
  const found = sha === undefined ? undefined : await mirror.commit(sha)
  if (found === undefined) return []
  return [commitView({ ...found, subject: redact(found.subject) }, commitUrl(connection, sync.url, found.sha))]
}

function fleetIn({ fleet }: ServerContext, who: Principal, words: readonly string[]) {
  const rows = (fleet.watch.rows() ?? []).filter(row => allows(who.grants, 'viewer', fleetScope(row.name)))
  const groups = rows.flatMap(({ namespace, name: cluster, groups }) =>
    groups.map(({ name }) => ({ namespace, cluster, name, inGit: fleet.git.has(namespace, cluster, name) })),
  )
  return {
    clusters: bestOf(rows, words, one => ({ title: one.name, more: `cluster ${one.role}` }), most).map(
      ({ namespace, name, role }) => ({ namespace, name, role }),
    ),
    groups: bestOf(groups, words, one => ({ title: one.name, more: `${one.cluster} node group` }), most),
  }
}

function objectsIn({ reconciliation }: ServerContext, who: Principal, words: readonly string[]) {
  const mine = [...(reconciliation?.snapshot().nodes.values() ?? [])].filter(node => sees(who, node))
  return bestOf(mine, words, ({ ref }) => ({ title: ref.name, more: `${ref.kind} ${ref.namespace}` }), most).map(
    node => ({
      ...nameOf(node.ref),
      role: node.role,
      word: node.word,
      suspended: node.suspended,
      ...node.place,
    }),
  )
}

export const searchRoutes = [search]
