import {
  type Application,
  applicationPaths,
  type ChartChoice,
  changeRelease,
  changeSecrets,
  checkOverride,
  createApplication,
  deploymentPaths,
  deployTo,
  isOwnFile,
  linkSecrets,
  pointerPath,
  promote,
  removeApplication,
  removeDeployment,
  requireApplication,
  requireEnvironment,
  restoreRelease,
  revertCommit,
  type SecretValue,
  sealedPaths,
  setValuesText,
  syncFolder,
  templateFiles,
  templatePath,
  type Values,
  withoutSealed,
} from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { chartRepositoryNamed } from '../charts/chart-repositories.ts'
import type { ServerContext } from '../context.ts'
import type { RepositoryState } from '../repository/index.ts'
import { templateFor } from './chart-content.ts'
import { sealWith } from './cluster-keys.ts'
import { type Draft, newDraft } from './draft.ts'
import { valuesOf } from './parse-values.ts'
import type { Plan } from './plan.ts'
import { changeImage } from './plan-image.ts'
import { type Change, scopesOf, scopesOfFiles } from './scopes-of.ts'
import { isLeftUndone, ownPart, settled } from './settle-own.ts'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>

/**
 * Works out the files of a change from the repository as it is. Nothing is written.
 *
 * @throws E_APP_…, E_SPEC_INVALID, E_NOT_FOUND, E_CHART_…, E_SOPS_…
 */
export async function planChange(context: ServerContext, state: RepositoryState, change: Change): Promise<Plan> {
  const draft = newDraft(context, state)
  const app = change.kind === 'create' ? change.name : change.app
  const named = await scopesOf(context, change)
  const before = change.kind === 'create' ? undefined : await requireApplication(state.tree, app)
  const words = await write(draft, change, before)
  if (state.home !== undefined && before !== undefined) draft.add(await settled(draft, change, before))
  const [{ project }] = named
  const written = scopesOfFiles(state.place, app, project, [...draft.files.keys()])
  const scopes = [...named, ...written.filter(one => !named.some(known => known.environment === one.environment))]
  const environments = scopes.map(scope => scope.environment).filter(name => name !== '*')
  return {
    files: [...draft.files.values()],
    scopes,
    project,
    app,
    environments,
    subject: words,
    why: words.endsWith('.') ? words : `${words}.`,
    key: keyOf(change),
    watched: [
      applicationPaths(app).folder,
      `${syncFolder(state.place)}/${app}`,
      ...environments.map(name => `environments/${name}.yaml`),
    ],
    secrets: draft.secrets,
    reviewBy: await reviewBy(state.tree, environments),
    ...(state.home === undefined ? {} : { own: await ownPart(draft, state.home, change) }),
  }
}

async function write(draft: Draft, change: Change, before: Application | undefined): Promise<string> {
  const { place, state } = draft
  switch (change.kind) {
    case 'create':
      return create(draft, change)
    case 'deploy': {
      const { app, environment, override, secrets = [] } = change
      checkOverride(`${app} in ${environment}`, before!.values, override)
      const { project } = before!
      if (state.home !== undefined && (await isLeftUndone(draft, app, environment))) {
        draft.add(await changeRelease(draft.tree(), place, { app, environment, values: override }))
        await seal(draft, app, environment, secrets, [])
        return `Deploy ${app} to ${environment}`
      }
      draft.add(
        await deployTo(draft.tree(), place, { app, project, environment, override, hasSecrets: secrets.length > 0 }),
      )
      await seal(draft, app, environment, secrets, [])
      return `Deploy ${app} to ${environment}`
    }
    case 'values':
      return changeValues(draft, change, before!)
    case 'chart': {
      const { app, environment, chart } = change
      if (chart === null && environment === undefined) {
        throw new SluiceError('E_REQUEST_INVALID', { object: 'chart', expected: 'a chart for the base', seen: 'none' })
      }
      if (chart) await bringChart(draft, chart)
      draft.add(
        await changeRelease(draft.tree(), place, { app, ...(environment === undefined ? {} : { environment }), chart }),
      )
      const where = environment === undefined ? app : `${app} in ${environment}`
      return chart === null
        ? `Let ${where} follow the chart of its base`
        : `Change ${where} to ${chart.name} ${chart.version}`
    }
    case 'image':
      return changeImage(draft, change, before!)
    case 'suspend': {
      const { app, environment, suspended } = change
      draft.add(await changeRelease(draft.tree(), place, { app, environment, suspended }))
      return `${suspended ? 'Suspend' : 'Resume'} ${app} in ${environment}`
    }
    case 'promote': {
      const { app, from, to, paths, chart } = change
      const plan = await promote(draft.tree(), place, {
        app,
        from,
        to,
        ...(paths === undefined ? {} : { paths }),
        ...(chart === undefined ? {} : { chart }),
      })
      draft.add(plan.files)
      return `Promote ${app} from ${from} to ${to}`
    }
    case 'restore': {
      const { app, environment, commit } = change
      const { files } = await restoreRelease(state.mirror, draft.tree(), place, { app, environment, commit })
      draft.add(files)
      return `Restore ${app} in ${environment} to ${commit.slice(0, 7)}`
    }
    case 'revert': {
      const { app, environment, commit } = change
      const files = await revertCommit(state.mirror, draft.tree(), place, { app, commit })
      const only = environment === undefined ? undefined : deploymentPaths(place, app, environment)
      draft.add(
        only === undefined
          ? files
          : files.filter(({ path }) => path === only.sync || path.startsWith(`${only.folder}/`)),
      )
      const subject = (await state.mirror.commit(commit))?.subject ?? commit.slice(0, 7)
      return `Revert "${subject.slice(0, 100)}"`
    }
    case 'remove': {
      const { app, environment } = change
      if (environment === undefined && state.home !== undefined) {
        const files = await removeApplication(draft.tree(), place, app)
        draft.add([
          ...files.filter(({ path }) => !isOwnFile(app, path)),
          { path: pointerPath(app), content: undefined },
        ])
      } else if (environment === undefined) draft.add(await removeApplication(draft.tree(), place, app))
      else draft.add(await removeDeployment(draft.tree(), place, app, environment))
      return environment === undefined ? `Remove ${app}` : `Remove ${app} from ${environment}`
    }
  }
}

async function create(draft: Draft, change: Of<'create'>): Promise<string> {
  const { name, project, title, description, owners, chart, values, environments } = change
  await bringChart(draft, chart)
  draft.add(
    await createApplication(draft.tree(), draft.place, {
      name,
      project,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(owners === undefined ? {} : { owners }),
      chart,
      values,
    }),
  )
  for (const { environment, override, secrets = [] } of environments) {
    checkOverride(`${name} in ${environment}`, values, override)
    const input = { app: name, project, environment, override, hasSecrets: secrets.length > 0 }
    draft.add(await deployTo(draft.tree(), draft.place, input))
    await seal(draft, name, environment, secrets, [])
  }
  const where = environments.map(one => one.environment)
  return where.length === 0 ? `Create ${name}` : `Create ${name} in ${where.join(', ')}`
}

async function changeValues(draft: Draft, change: Of<'values'>, before: Application): Promise<string> {
  const { app, environment, yaml, secrets = [], forget = [] } = change
  const where = environment === undefined ? `the base of ${app}` : `${app} in ${environment}`
  const hasSecrets = secrets.length > 0 || forget.length > 0
  if (hasSecrets && environment === undefined) {
    throw new SluiceError('E_REQUEST_INVALID', {
      object: 'secrets',
      expected: 'an environment: each has secrets of its own',
      seen: 'none',
    })
  }
  if (change.values !== undefined || yaml !== undefined) {
    const values = valuesOf(`values of ${where}`, change)
    const paths = environment === undefined ? [] : await sealedPaths(draft.tree(), draft.place, app, environment)
    const wanted = environment === undefined ? values : withoutSealed(before.values, values, paths)
    const target = { app, ...(environment === undefined ? {} : { environment }) }
    // The checks of a change, and the file without the comments of the text.
    const files = await changeRelease(draft.tree(), draft.place, { ...target, values: wanted })
    draft.add(files)
    if (yaml !== undefined && wanted === values) await keepComments(draft, app, environment, yaml, values)
  }
  if (hasSecrets) await seal(draft, app, environment!, secrets, forget)
  return `Change ${hasSecrets && change.values === undefined && yaml === undefined ? 'secrets' : 'values'} of ${where}`
}

async function keepComments(draft: Draft, app: string, environment: string | undefined, yaml: string, values: Values) {
  const path =
    environment === undefined
      ? applicationPaths(app).baseRelease
      : deploymentPaths(draft.place, app, environment).release
  const text = (await draft.tree().read(path))?.toString('utf8') ?? ''
  const content = setValuesText(text, yaml, values)
  if (content !== text) draft.add([{ path, content }])
}

/** Makes a chart be there: a reference chart as files, one of a repository by its repository. */
async function bringChart(draft: Draft, chart: ChartChoice): Promise<void> {
  if (chart.kind === 'Chart') {
    await chartRepositoryNamed(draft.context, draft.state, chart.repository)
    return
  }
  const there = await draft.tree().entry(`${templatePath(chart.name, chart.version)}/Chart.yaml`)
  if (there === undefined)
    draft.add(await templateFiles(draft.tree(), await templateFor(undefined, chart.name, chart.version)))
}

async function seal(
  draft: Draft,
  app: string,
  environment: string,
  set: readonly SecretValue[],
  forget: readonly (readonly string[])[],
): Promise<void> {
  if (set.length === 0 && forget.length === 0) return
  const { place, context } = draft
  const change = { app, environment, set, forget }
  const files = await changeSecrets(draft.tree(), place, change, await sealWith(context, place))
  draft.add(files)
  draft.secrets.set(
    environment,
    set.map(one => one.path),
  )
  const has = (await draft.tree().read(deploymentPaths(place, app, environment).secrets)) !== undefined
  draft.add(await linkSecrets(draft.tree(), place, app, environment, has))
  if (set.length === 0) return
  // What stands in plain at the same place would win.
  const application = await requireApplication(draft.tree(), app)
  const deployment = application.deployments.find(one => one.environment === environment)
  if (!deployment) return
  const values = withoutSealed(
    application.values,
    deployment.override,
    set.map(one => one.path),
  )
  draft.add(await changeRelease(draft.tree(), place, { app, environment, values }))
}

async function reviewBy(tree: FileTree, environments: readonly string[]): Promise<string | undefined> {
  for (const name of environments) {
    const environment = await requireEnvironment(tree, name).catch(() => undefined)
    if (environment?.object.spec.pullRequest) return environment.title
  }
  return undefined
}

/** Words that name the branch of a request: never a value. */
function keyOf(change: Change): string {
  const { kind } = change
  if (kind === 'create') return `create ${change.name}`
  if (kind === 'promote') return `promote ${change.app} ${change.from} ${change.to}`
  const where = change.environment ?? 'base'
  const more =
    kind === 'restore' || kind === 'revert'
      ? change.commit.slice(0, 12)
      : kind === 'image'
        ? (change.tag ?? change.digest ?? '')
        : kind === 'chart'
          ? (change.chart?.version ?? 'base')
          : ''
  return `${kind} ${change.app} ${where} ${more}`.trim()
}
