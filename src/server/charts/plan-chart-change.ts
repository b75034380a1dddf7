import type { z } from 'zod'
import { readApps, setInDocument } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FileChange } from '../../git/index.ts'
import { stringifyYaml } from '../../kube/yaml/index.ts'
import type { HelmRepository } from '../../specs/index.ts'
import type { Plan } from '../applications/plan.ts'
import type { ServerContext } from '../context.ts'
import type { ChartRepositoryWish, chartChangeSchema } from '../contract/charts.ts'
import type { RepositoryState } from '../repository/index.ts'
import { loginFiles, loginName, loginOf, loginPaths, withoutLogin } from './chart-login.ts'
import {
  type ChartRepository,
  chartRepositoriesFolder,
  chartRepositoryNamed,
  chartsAnnotation,
  readChartRepositories,
} from './chart-repositories.ts'

export type ChartChangeWish = z.output<typeof chartChangeSchema>

/**
 * Works out the files of a change of the chart repositories.
 *
 * @throws E_APP_NAME, E_APP_EXISTS, E_NOT_FOUND, E_APP_SECRET_KEY
 */
export async function planChartChange(
  context: ServerContext,
  state: RepositoryState,
  change: ChartChangeWish,
): Promise<Plan> {
  const folder = chartRepositoriesFolder(state)
  const name = change.kind === 'add' ? change.repository.name : change.name
  const words = {
    add: 'Add chart repository',
    charts: 'Change the charts of repository',
    login: 'Change the login of chart repository',
    remove: 'Remove chart repository',
  }[change.kind]
  const login = loginPaths(state, name)
  return {
    files: await filesOf(context, state, folder, change),
    scopes: [{ project: '*', environment: '*' }],
    project: '*',
    app: '',
    environments: [],
    subject: `${words} ${name}`,
    why: `${words} ${name}.`,
    key: `charts ${change.kind} ${name}`,
    watched: [`${folder}/${name}.yaml`, login.beside, login.apart, login.sync],
    secrets: new Map(),
    reviewBy: undefined,
  }
}

async function filesOf(
  context: ServerContext,
  state: RepositoryState,
  folder: string,
  change: ChartChangeWish,
): Promise<FileChange[]> {
  if (change.kind === 'add') return added(context, state, folder, change.repository)
  const repository = await chartRepositoryNamed(context, state, change.name)
  const { file, name } = repository
  if (file === undefined) {
    throw new SluiceError('E_APP_INVALID', {
      object: `chart repository ${name}`,
      expected: `a file in ${folder}`,
      seen: 'an object of the cluster that Git has elsewhere, or not at all',
      next: 'Change it where it was made.',
    })
  }
  if (change.kind === 'charts') {
    const before = (await state.tree.read(file))?.toString('utf8') ?? ''
    const listed = change.charts.length === 0 ? undefined : change.charts.join(',')
    const content = setInDocument(before, ['metadata', 'annotations', chartsAnnotation], listed)
    return content === before ? [] : [{ path: file, content }]
  }
  if (change.kind === 'login') return relogged(context, state, repository, file, change)
  const { applications } = await readApps(state.tree)
  const users = applications.flatMap(one =>
    [one.chart, ...one.deployments.map(each => each.chart)].some(
      chart => chart.kind === 'Chart' && chart.repository === name,
    )
      ? [one.name]
      : [],
  )
  if (users.length > 0) {
    throw new SluiceError('E_APP_EXISTS', {
      object: `chart repository ${name}`,
      expected: 'one that no application comes from',
      seen: users.slice(0, 10).join(', '),
      next: 'Give these applications another chart, or remove them first.',
    })
  }
  return [{ path: file, content: undefined }, ...(await withoutLogin(state, name))]
}

async function added(
  context: ServerContext,
  state: RepositoryState,
  folder: string,
  wish: ChartRepositoryWish,
): Promise<FileChange[]> {
  const { name } = wish
  const known = await readChartRepositories(context, state)
  if (known.some(one => one.name === name))
    throw new SluiceError('E_APP_EXISTS', { object: `chart repository ${name}`, seen: 'a HelmRepository of this name' })
  const object = repositoryObject(state, wish)
  const login = loginOf(name, object.spec.url, wish)
  const files: FileChange[] = [{ path: `${folder}/${name}.yaml`, content: stringifyYaml(object) }]
  return login === undefined ? files : [...files, ...(await loginFiles(context, state, login))]
}

/** Another login, or none. */
async function relogged(
  context: ServerContext,
  state: RepositoryState,
  { object, name }: ChartRepository,
  file: string,
  change: Extract<ChartChangeWish, { kind: 'login' }>,
): Promise<FileChange[]> {
  const login = loginOf(name, object.spec.url, change)
  const before = (await state.tree.read(file))?.toString('utf8') ?? ''
  const secretRef = login === undefined ? undefined : { name: loginName(name) }
  const content = setInDocument(before, ['spec', 'secretRef'], secretRef)
  return [
    ...(content === before ? [] : [{ path: file, content }]),
    ...(login === undefined ? await withoutLogin(state, name) : await loginFiles(context, state, login)),
  ]
}

/** The object of a repository. @throws E_APP_NAME, E_REQUEST_INVALID */
export function repositoryObject({ place }: Pick<RepositoryState, 'place'>, wish: ChartRepositoryWish): HelmRepository {
  const { name, charts = [] } = wish
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new SluiceError('E_APP_NAME', {
      object: 'chart repository',
      expected: "lower case letters, digits and '-', with a letter or digit at both ends",
      seen: JSON.stringify(name.slice(0, 100)),
    })
  }
  const url = addressOf(wish.url)
  const hasLogin = loginOf(name, url, wish) !== undefined
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata: {
      name,
      namespace: place.systemNamespace,
      ...(charts.length === 0 ? {} : { annotations: { [chartsAnnotation]: charts.join(',') } }),
    },
    spec: {
      interval: '10m0s',
      url,
      ...(url.startsWith('oci://') ? { type: 'oci' } : {}),
      ...(isPlainLocal(url) ? { insecure: true } : {}),
      ...(hasLogin ? { secretRef: { name: loginName(name) } } : {}),
    },
  } as HelmRepository
}

/** A registry on this machine speaks HTTP. */
function isPlainLocal(url: string): boolean {
  return /^oci:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?\//.test(url)
}

function addressOf(text: string): string {
  const invalid = (seen: string) =>
    new SluiceError('E_REQUEST_INVALID', {
      object: 'the address of the chart repository',
      expected: 'https://…, or oci://host/path for a registry, without a login in it',
      seen,
    })
  const url = text.trim()
  if (!URL.canParse(url)) throw invalid('no address')
  const parsed = new URL(url)
  if (!['https:', 'http:', 'oci:'].includes(parsed.protocol)) throw invalid(`the scheme ${parsed.protocol}`)
  if (parsed.username !== '' || parsed.password !== '') throw invalid('a login in the address')
  return url.replace(/\/+$/, '')
}
