import { LRUCache } from 'lru-cache'
import { SluiceError } from '../../base/errors/index.ts'
import { type BrowseInput, browseIndex, browseTags } from '../../engine/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { ServerContext } from '../context.ts'
import { type ChartRepository, isRegistry, namedCharts } from './chart-repositories.ts'
import { chartFrom, type IndexedChart } from './chart-summary.ts'

/** What was found in a repository, or why it could not be read. */
export interface FoundIndex {
  readonly at: string
  /** Those that could be read, also where others could not. */
  readonly charts: readonly IndexedChart[]
  readonly problem: string | undefined
  /** It was not asked: the cluster has not taken in yet what it is asked with. */
  readonly pending: boolean
}

const keptMs = 5 * 60_000
const failedMs = 30_000
const pendingMs = 2000
const lookMs = 30_000
const mostCharts = 5000
const indexes = new LRUCache<string, { readonly until: number; readonly index: Promise<FoundIndex> }>({ max: 100 })

/** The charts of a repository; kept for a few minutes, failures for less. Never fails. */
export function indexOf(context: ServerContext, repository: ChartRepository, fresh = false): Promise<FoundIndex> {
  const { clock, signal } = context
  const { object, live } = repository
  const tell = () => context.live.publish({ topic: 'charts' })
  const key = JSON.stringify([
    context.serverId,
    repository.name,
    object.spec,
    live?.metadata.generation,
    namedCharts(repository),
  ])
  const known = fresh ? undefined : indexes.get(key)
  if (known && known.until > clock.monotonic()) return known.index
  const index = read(context, repository)
  const entry = { until: clock.monotonic() + keptMs, index }
  indexes.set(key, entry)
  void index.then(found => {
    if (found.problem !== undefined && indexes.get(key) === entry)
      indexes.set(key, { until: clock.monotonic() + (found.pending ? pendingMs : failedMs), index })
    // Nothing of the cluster tells pages that a Secret has come.
    if (found.pending) void clock.sleep(pendingMs, signal).then(tell, () => {})
  })
  return index
}

/** The same for a page that does not wait for a slow host: undefined while it is still being read. */
export function indexSoon(
  context: ServerContext,
  repository: ChartRepository,
  withinMs: number,
): Promise<FoundIndex | undefined> {
  const late = new AbortController()
  const timeout = context.clock.sleep(withinMs, AbortSignal.any([late.signal, context.signal])).catch(() => {})
  const index = indexOf(context, repository)
  const soon = timeout.then(() => {
    if (!late.signal.aborted) void index.then(() => context.live.publish({ topic: 'charts' }))
    return undefined
  })
  return Promise.race([index, soon]).finally(() => late.abort())
}

async function read(context: ServerContext, repository: ChartRepository): Promise<FoundIndex> {
  const at = context.clock.now().toISOString()
  try {
    if (await isLoginOnItsWay(context, repository)) {
      const problem = 'its login is in Git, and not in the cluster yet'
      return { at, charts: [], problem, pending: true }
    }
    const { charts, failed } = await chartsOf(repository.name, browseInput(context, repository), repository)
    return { at, charts, problem: failed, pending: false }
  } catch (error) {
    return { at, charts: [], problem: wordsOf(error), pending: false }
  }
}

async function isLoginOnItsWay({ client, signal }: ServerContext, { object, live, file }: ChartRepository) {
  const { secretRef } = object.spec
  if (secretRef === undefined || file === undefined || client === undefined) return false
  if (live === undefined) return true
  const { namespace = '' } = object.metadata
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace, name: secretRef.name }
  return (await client.find(ref, { signal })) === undefined
}

/** Reaches a repository as the cluster does: a Secret of the cluster goes only where the cluster sends it. */
export function browseInput({ client, signal }: ServerContext, { object, live }: ChartRepository): BrowseInput {
  return {
    repository: (live ?? {
      ...object,
      spec: { ...object.spec, secretRef: undefined, certSecretRef: undefined },
    }) as BrowseInput['repository'],
    readSecret: async (namespace, name) =>
      client?.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(lookMs)]),
  }
}

/**
 * What a repository has, asked now. Of a registry each chart is asked for by itself: `failed` has the words about those that
 * could not be read.
 *
 * @throws Error with the words of the host
 */
export async function chartsOf(
  name: string,
  input: BrowseInput,
  repository: Pick<ChartRepository, 'object'>,
): Promise<{ readonly charts: IndexedChart[]; readonly failed: string | undefined }> {
  const asRepository = { name, object: repository.object, live: undefined, file: undefined }
  if (isRegistry(asRepository)) {
    const named = namedCharts(asRepository)
    const found = await settledInTurns(named, chart => registryChart(name, input, chart))
    const failed = found.flatMap((one, i) => (one.status === 'rejected' ? [`${named[i]}: ${wordsOf(one.reason)}`] : []))
    return {
      charts: found.flatMap(one => (one.status === 'fulfilled' ? [one.value] : [])),
      failed: failed.length === 0 ? undefined : failed.join('; ').slice(0, 1000),
    }
  }
  const index = await browseIndex(input)
  const charts = [...index]
    .slice(0, mostCharts)
    .filter(([, entries]) => entries.length > 0)
    .map(([chart, entries]) => chartFrom(name, chart, entries))
  return { charts, failed: undefined }
}

async function registryChart(repository: string, input: BrowseInput, chart: string): Promise<IndexedChart> {
  const tags = await browseTags(input, chart)
  return chartFrom(
    repository,
    chart,
    tags.map(version => ({ version })),
  )
}

async function settledInTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>) {
  const out: PromiseSettledResult<R>[] = []
  for (let i = 0; i < items.length; i += 8) out.push(...(await Promise.allSettled(items.slice(i, i + 8).map(work))))
  return out
}

/** The words of a host, for people. */
export function wordsOf(error: unknown): string {
  const { message } = error instanceof Error ? error : new Error(String(error))
  return redact(message).slice(0, 1000)
}

/**
 * A chart of a repository. A registry also has charts that nobody named: `byReference` asks it for one.
 *
 * @throws E_CHART_REPOSITORY, E_CHART_NOT_FOUND
 */
export async function chartNamed(
  context: ServerContext,
  repository: ChartRepository,
  name: string,
  byReference = false,
): Promise<IndexedChart> {
  const index = await indexOf(context, repository)
  const found = index.charts.find(one => one.name === name)
  if (found) return found
  const isNamed = namedCharts(repository).includes(name)
  if (byReference && isRegistry(repository) && !isNamed && !index.pending) {
    const asked = await referenced(context, repository, name)
    if (asked) return asked
  } else if (index.problem !== undefined) {
    throw new SluiceError('E_CHART_REPOSITORY', { object: `chart repository ${repository.name}`, seen: index.problem })
  }
  throw new SluiceError('E_CHART_NOT_FOUND', { object: `chart ${name} of ${repository.name}` })
}

/** A chart of a registry by its address, `oci://host/path/name`; undefined when the repository is another, or has none. */
export async function chartAt(
  context: ServerContext,
  repository: ChartRepository,
  address: string,
): Promise<IndexedChart | undefined> {
  const base = `${repository.object.spec.url.replace(/\/+$/, '')}/`
  if (!isRegistry(repository) || !address.startsWith(base)) return undefined
  const name = address
    .slice(base.length)
    .replace(/[:@].*$/, '')
    .replace(/\/+$/, '')
  return name === '' ? undefined : chartNamed(context, repository, name, true).catch(() => undefined)
}

const references = new LRUCache<string, Promise<IndexedChart | undefined>>({ max: 200, ttl: failedMs })

function referenced(context: ServerContext, repository: ChartRepository, name: string) {
  const key = JSON.stringify([context.serverId, repository.name, repository.object.spec, name])
  let asked = references.get(key)
  if (asked === undefined) {
    asked = registryChart(repository.name, browseInput(context, repository), name).then(
      chart => (chart.versions.length === 0 ? undefined : chart),
      () => undefined,
    )
    references.set(key, asked)
  }
  return asked
}
