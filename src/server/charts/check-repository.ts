import type { BrowseInput } from '../../engine/index.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { ServerContext } from '../context.ts'
import type { ChartRepositoryCheck, ChartRepositoryWish } from '../contract/charts.ts'
import type { RepositoryState } from '../repository/index.ts'
import { chartsOf, wordsOf } from './chart-index.ts'
import { loginName, loginOf, loginSecret } from './chart-login.ts'
import { repositoryObject } from './plan-chart-change.ts'

const lookMs = 30_000

/** Looks at a repository before it is added, with its login. Never fails for what the host says. */
export async function checkRepository(
  context: ServerContext,
  state: Pick<RepositoryState, 'place'>,
  wish: ChartRepositoryWish,
): Promise<ChartRepositoryCheck> {
  const object = repositoryObject(state, wish)
  const { name, password = '', charts = [] } = wish
  const login = loginOf(name, object.spec.url, wish)
  const input: BrowseInput = {
    repository: object,
    // The login that was typed, for this address alone; no Secret of the cluster is read.
    readSecret: async (_namespace, secret) =>
      login !== undefined && secret === loginName(name) ? asStored(loginSecret('', login)) : undefined,
    signal: AbortSignal.any([context.signal, AbortSignal.timeout(lookMs)]),
  }
  const isRegistry = object.spec.url.startsWith('oci://')
  if (isRegistry && charts.length === 0) {
    const detail = 'a registry does not list what it has: name the charts below its address'
    return { ok: true, checks: [{ id: 'charts', title: 'Charts', state: 'not-run', detail }], chartCount: 0 }
  }
  const title = isRegistry ? 'List the versions of the charts' : 'Fetch the index'
  try {
    const { charts: found, failed } = await chartsOf(name, input, { object })
    if (failed !== undefined) throw new Error(failed)
    const versions = found.reduce((sum, chart) => sum + chart.versions.length, 0)
    const detail = `${found.length === 1 ? '1 chart' : `${found.length} charts`}, ${versions === 1 ? '1 version' : `${versions} versions`}`
    return { ok: true, checks: [{ id: 'index', title, state: 'done', detail }], chartCount: found.length }
  } catch (error) {
    context.signal.throwIfAborted()
    const said = wordsOf(error).replaceAll(password === '' ? '\0' : password, '***')
    const next = /401|403|nauthorized|orbidden|denied/.test(said)
      ? 'Check the name and the password: the host refuses them, or wants some.'
      : 'Check the address: it is the one that `helm repo add` takes, or oci://host/path for a registry.'
    const check = { id: 'index', title, state: 'failed' as const, detail: 'it could not be read', said, next }
    return { ok: false, checks: [check] }
  }
}

/** As a cluster gives it back. */
function asStored({ stringData, ...secret }: KubeObject): KubeObject {
  const texts = Object.entries(stringData as Record<string, string>)
  return {
    ...secret,
    data: Object.fromEntries(texts.map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  }
}
