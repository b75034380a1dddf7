import { z } from 'zod'
import {
  applicationPaths,
  type ChartChoice,
  deploymentPaths,
  effectiveValues,
  overriddenAt,
  plainSecretsIn,
  recipientsFor,
  sealedPaths,
  secretPathsOf,
  type Values,
  valueProblems,
  valuesTextIn,
  valuesTextOf,
} from '../../../apps/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { appNamed, readAppsNow, visibleApp } from '../../applications/apps-in-git.ts'
import { chartContent } from '../../applications/chart-content.ts'
import { sealWith } from '../../applications/cluster-keys.ts'
import { parseValues, withLines } from '../../applications/parse-values.ts'
import type { ServerContext } from '../../context.ts'
import { applicationValuesSchema, valuesCheckSchema, valuesCheckWishSchema } from '../../contract/application-values.ts'
import type { ValueProblemView } from '../../contract/values.ts'
import { defineRoute } from '../../http/route.ts'
import { appState, type RepositoryState, tipOf } from '../../repository/index.ts'
import { listed, viewerThere } from './needs.ts'
import { appParams } from './read.ts'

const readValues = defineRoute({
  method: 'get',
  path: '/api/v1/applications/{app}/values',
  tag: 'applications',
  summary: 'Values of an application: base, override, and what comes of them',
  needs: viewerThere,
  params: appParams,
  query: z.object({ environment: z.string().max(100).optional() }),
  answer: applicationValuesSchema,
  async handle({ context, params, query }) {
    const apps = await readAppsNow(context)
    const application = appNamed(apps, params.app)
    const state = appState(apps.state, params.app)
    const { environment } = query
    const deployment = application.deployments.find(one => one.environment === environment)
    if (environment !== undefined && deployment === undefined)
      throw new SluiceError('E_NOT_FOUND', { object: `application ${params.app} in ${environment}` })
    const text = async (path: string) => valuesTextIn((await state.tree.read(path))?.toString('utf8') ?? '')
    const { values: base, chart: baseChart } = application
    const effective = deployment?.values ?? base
    const chart = deployment?.chart ?? baseChart
    const [content, problem] = await contentOrProblem(context, state, chart)
    const sealed = environment === undefined ? [] : await sealedPaths(state.tree, state.place, params.app, environment)
    const secretProblem = await secretProblemOf(context, state, params.app, environment)
    return {
      tip: tipOf(state),
      chart,
      base,
      override: deployment?.override ?? {},
      effective,
      text: {
        base: await text(applicationPaths(params.app).baseRelease),
        override:
          environment === undefined ? '' : await text(deploymentPaths(state.place, params.app, environment).release),
        effective: valuesTextOf(effective),
      },
      overridden: overriddenAt(base, deployment?.override ?? {}).map(one => ({ ...one, path: [...one.path] })),
      ...(content === undefined ? {} : { content }),
      ...(problem === undefined ? {} : { chartProblem: problem }),
      secrets: sealed.map(path => ({ path: [...path], set: true as const })),
      secretPaths: secretPathsOf(content?.schema).map(path => [...path]),
      ...(secretProblem === undefined ? {} : { secretProblem }),
    }
  },
})

const checkValuesRoute = defineRoute({
  method: 'post',
  path: '/api/v1/values/check',
  tag: 'applications',
  summary: 'What is wrong with values, while they are typed',
  needs: listed,
  body: valuesCheckWishSchema,
  answer: valuesCheckSchema,
  audit: { none: 'only looks at what was sent' },
  async handle({ context, who, body }) {
    const apps = await readAppsNow(context)
    const application = body.app === undefined ? undefined : visibleApp(who, apps, body.app)
    const deployment = application?.deployments.find(one => one.environment === body.environment)
    const state = body.app === undefined ? apps.state : appState(apps.state, body.app)
    const chart = body.chart ?? deployment?.chart ?? application?.chart
    const parsed = body.yaml === undefined ? { values: body.values ?? {}, problems: [] } : parseValues(body.yaml)
    if (parsed.values === undefined) return { problems: [...parsed.problems], overridden: [] }
    const isOverride = body.environment !== undefined && application !== undefined
    const base: Values = isOverride ? application.values : {}
    const effective = isOverride ? effectiveValues(base, parsed.values) : parsed.values
    const [content, chartProblem] =
      chart === undefined ? [undefined, undefined] : await contentOrProblem(context, state, chart)
    const sealed =
      body.app === undefined || body.environment === undefined || deployment === undefined
        ? []
        : await sealedPaths(state.tree, state.place, body.app, body.environment)
    return {
      problems: withLines(body.yaml, problemsAgainst(content, effective, sealed)),
      values: parsed.values,
      yaml: valuesTextOf(parsed.values),
      effective,
      overridden: isOverride ? overriddenAt(base, parsed.values).map(one => ({ ...one, path: [...one.path] })) : [],
      ...(chartProblem === undefined ? {} : { chartProblem }),
    }
  },
})

function problemsAgainst(
  content: { readonly values: Values; readonly schema?: Record<string, unknown> | undefined } | undefined,
  effective: Values,
  sealed: readonly (readonly string[])[],
): ValueProblemView[] {
  if (content?.schema === undefined) return []
  const known = new Set(sealed.map(path => path.join('\0')))
  return [
    ...plainSecretsIn(content.schema, effective).map(path => ({
      path: [...path],
      message: 'is a secret: it would stand in Git in plain. Set it as a secret, which is sealed.',
    })),
    ...valueProblems(content.schema, effectiveValues(content.values, effective))
      .filter(({ path }) => !known.has(path.join('\0')))
      .map(({ path, message }) => ({ path: [...path], message })),
  ]
}

async function contentOrProblem(context: ServerContext, state: RepositoryState, chart: ChartChoice) {
  try {
    const { values, valuesText, schema } = await chartContent(context, state.tree, chart)
    return [{ values, valuesText, ...(schema === undefined ? {} : { schema }) }, undefined] as const
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === 'E_INTERNAL') throw error
    return [undefined, error.message] as const
  }
}

async function secretProblemOf(
  context: ServerContext,
  state: RepositoryState,
  app: string,
  environment: string | undefined,
): Promise<string | undefined> {
  if (environment === undefined) return 'Secrets are set in an environment.'
  try {
    const { recipients } = await sealWith(context, state.place)
    await recipientsFor(state.tree, state.place, app, environment, recipients)
    return undefined
  } catch (error) {
    return error instanceof SluiceError ? `${error.message} ${error.next}` : String(error)
  }
}

export const valueRoutes = [readValues, checkValuesRoute]
