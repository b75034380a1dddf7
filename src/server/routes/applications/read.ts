import { z } from 'zod'
import { allows, type Principal, touches } from '../../../access/index.ts'
import {
  applicationPaths,
  deploymentName,
  deploymentPaths,
  namespaceOf,
  readEnvironments,
} from '../../../apps/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { connectionFor, repositoryNameFor } from '../../../connections/index.ts'
import {
  type Apps,
  appNamed,
  problemView,
  readAppsNow,
  visibleApp,
  visiblePart,
} from '../../applications/apps-in-git.ts'
import { deploymentView } from '../../applications/deployment-view.ts'
import { lastVisibleCommit, tipView } from '../../applications/visible-commits.ts'
import type { ServerContext } from '../../context.ts'
import {
  type ApplicationSummary,
  applicationSchema,
  applicationsSchema,
  placeSchema,
} from '../../contract/applications.ts'
import { projectsSchema } from '../../contract/environments.ts'
import { defineRoute } from '../../http/route.ts'
import { appState, commitUrl, commitView, type RepositoryState } from '../../repository/index.ts'
import { listed } from './needs.ts'

const tag = 'applications'
export const appParams = z.object({ app: z.string().max(100) })

const listApplications = defineRoute({
  method: 'get',
  path: '/api/v1/applications',
  tag,
  summary: 'Applications, and how they do in each environment',
  needs: listed,
  query: z.object({ project: z.string().max(63).optional() }),
  answer: applicationsSchema,
  async handle({ context, who, query }) {
    const apps = await readAppsNow(context)
    const { state } = apps
    const { flux, troubles } = context
    const seen = [who.grants, query.project ?? null]
    const git = [state.version, state.sync.url, state.connection.id, state.connection.version]
    const cluster = [flux?.ready ?? null, flux?.version ?? null, troubles.version]
    return context.kept.answer(['applications', seen, git, cluster], applicationsSchema, () =>
      applicationsOf(context, who, query.project, apps),
    )
  },
})

/** What somebody sees of the applications. It depends on nothing but what the route names beside the answer that it keeps. */
async function applicationsOf(
  context: ServerContext,
  who: Principal,
  project: string | undefined,
  { applications: found, broken, environments, state }: Apps,
): Promise<z.input<typeof applicationsSchema>> {
  const applications: ApplicationSummary[] = []
  for (const one of found) {
    if (project !== undefined && one.project !== project) continue
    const visible = visiblePart(who, one)
    if (visible) applications.push(summaryOf(context, visible, environments, state))
  }
  const all = allows(who.grants, 'viewer', { project: '*', environment: '*' })
  return {
    tip: await tipView(who, state),
    applications,
    broken: all ? broken.map(({ name, problems }) => ({ name, problems: problems.map(problemView) })) : [],
  }
}

const oneApplication = defineRoute({
  method: 'get',
  path: '/api/v1/applications/{app}',
  tag,
  summary: 'One application',
  needs: listed,
  params: appParams,
  answer: applicationSchema,
  async handle({ context, who, params }) {
    const apps = await readAppsNow(context)
    const { state, environments } = apps
    const application = visibleApp(who, apps, params.app)
    const { folder } = applicationPaths(application.name)
    const own = appState(state, application.name)
    const there = new Set(appNamed(apps, params.app).deployments.map(one => one.environment))
    const free = environments.filter(
      ({ name, object }) =>
        !there.has(name) &&
        (object.spec.projects === undefined || object.spec.projects.includes(application.project)) &&
        allows(who.grants, 'operator', { project: application.project, environment: name }),
    )
    const last = await lastVisibleCommit(who, own, application)
    return {
      ...summaryOf(context, application, environments, state),
      owners: [...(application.definition.spec.owners ?? [])],
      tip: await tipView(who, own),
      folder,
      ...(own.home === undefined
        ? {}
        : { repository: { title: own.home.title, url: own.sync.url, branch: own.sync.branch } }),
      free: free.map(one => ({ name: one.name, title: one.title, namespace: namespaceOf(one, application.name) })),
      ...(last === undefined
        ? {}
        : { lastChange: commitView(last, commitUrl(own.connection, own.sync.url, last.sha)) }),
    }
  },
})

const placeOfName = defineRoute({
  method: 'get',
  path: '/api/v1/applications/place',
  tag,
  summary: 'What a name would give, as it is typed',
  needs: listed,
  query: z.object({
    name: z.string().max(100).default(''),
    project: z.string().max(63).default(''),
    environments: z.string().max(500).default(''),
  }),
  answer: placeSchema,
  async handle({ context, who, query }) {
    const { state } = await readAppsNow(context)
    const environments = (await readEnvironments(state.tree)).environments.filter(({ name }) =>
      touches(who.grants, 'viewer', { project: '*', environment: name }),
    )
    const names = query.environments
      .split(',')
      .filter(name => name !== '')
      .slice(0, 20)
    const connection = connectionFor(await context.connections.list(), {
      project: query.project || '*',
      environment: '*',
    })
    const repository =
      connection &&
      touches(who.grants, 'viewer', { project: query.project || '*', environment: '*' }) &&
      `${connection.settings.owner}/${repositoryNameFor(connection.settings.repositoryTemplate, { app: query.name, project: query.project })}`
    try {
      const paths = applicationPaths(query.name)
      const taken = (await state.tree.entry(paths.folder)) !== undefined
      return {
        folder: paths.folder,
        files: [paths.definition, paths.baseKustomization, paths.baseRelease],
        environments: names.map(name => {
          const environment = environments.find(one => one.name === name)
          const problem = nameProblem(() => deploymentPaths(state.place, query.name, name))
          return {
            environment: name,
            release: problem === undefined ? deploymentName(query.name, name) : '',
            namespace: environment ? namespaceOf(environment, query.name) : '',
            ...(problem !== undefined
              ? { problem }
              : environment
                ? {}
                : { problem: 'there is no such environment in Git' }),
          }
        }),
        ...(repository ? { repository } : {}),
        ...(taken ? { problem: `The folder ${paths.folder} is there already.` } : {}),
      }
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      const problem = `${error.facts.expected ?? error.message}`
      return { folder: '', files: [], environments: [], problem }
    }
  },
})

const listProjects = defineRoute({
  method: 'get',
  path: '/api/v1/projects',
  tag,
  summary: 'Projects that have applications, as far as your roles reach',
  needs: listed,
  answer: projectsSchema,
  async handle({ context, who }) {
    const { applications } = await readAppsNow(context)
    const counts = new Map<string, number>()
    for (const one of applications)
      if (visiblePart(who, one)) counts.set(one.project, (counts.get(one.project) ?? 0) + 1)
    for (const { project } of who.grants) if (project !== '*' && !counts.has(project)) counts.set(project, 0)
    return { projects: [...counts].sort().map(([name, count]) => ({ name, applications: count })) }
  },
})

function nameProblem(check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return error instanceof SluiceError ? (error.facts.expected ?? error.message) : String(error)
  }
}

function summaryOf(
  context: ServerContext,
  application: Parameters<typeof deploymentView>[0],
  environments: Parameters<typeof deploymentView>[2],
  { place }: RepositoryState,
): ApplicationSummary {
  return {
    name: application.name,
    title: application.title,
    project: application.project,
    description: application.definition.spec.description ?? '',
    chart: application.chart,
    deployments: application.deployments.map(one =>
      deploymentView(application, one, environments, context, place.systemNamespace),
    ),
  }
}

export const readRoutes = [listApplications, placeOfName, listProjects, oneApplication]
