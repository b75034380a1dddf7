import { LRUCache } from 'lru-cache'
import { at } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { type BrowseInput, browseIndex, browseTags, compareVersions, parseVersion } from '../../engine/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { ServerContext } from '../context.ts'
import type { ChartSummary } from '../contract/charts.ts'
import { type ChartRepository, isRegistry, namedCharts } from './chart-repositories.ts'

/** One version of a chart, as its repository says. */
export interface IndexedVersion {
  readonly version: string
  readonly appVersion: string | undefined
  readonly created: string | undefined
  readonly deprecated: boolean
  readonly prerelease: boolean
}

/** A chart of a repository: texts are cut to what a page shows. */
export interface IndexedChart extends ChartSummary {
  /** Newest first. */
  readonly versions: readonly IndexedVersion[]
  readonly truncated: boolean
  readonly sources: readonly string[]
  readonly maintainers: readonly { readonly name: string; readonly email?: string; readonly url?: string }[]
}

/** What was found in a repository, or why it could not be read. */
export interface FoundIndex {
  readonly at: string
  readonly charts: readonly IndexedChart[]
  readonly problem: string | undefined
}

const keptMs = 5 * 60_000
const failedMs = 30_000
const lookMs = 30_000
const mostVersions = 200
const mostCharts = 5000
const indexes = new LRUCache<string, { readonly until: number; readonly index: Promise<FoundIndex> }>({ max: 100 })

/** The charts of a repository; kept for a few minutes, failures for less. Never fails. */
export function indexOf(context: ServerContext, repository: ChartRepository, fresh = false): Promise<FoundIndex> {
  const { clock } = context
  const { object, live } = repository
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
      indexes.set(key, { until: clock.monotonic() + failedMs, index })
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
  return Promise.race([indexOf(context, repository), timeout.then(() => undefined)]).finally(() => late.abort())
}

async function read(context: ServerContext, repository: ChartRepository): Promise<FoundIndex> {
  const at = context.clock.now().toISOString()
  try {
    return {
      at,
      charts: await chartsOf(repository.name, browseInput(context, repository), repository),
      problem: undefined,
    }
  } catch (error) {
    return { at, charts: [], problem: wordsOf(error) }
  }
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

/** What a repository has, asked now. @throws Error with the words of the host */
export async function chartsOf(
  name: string,
  input: BrowseInput,
  repository: Pick<ChartRepository, 'object'>,
): Promise<IndexedChart[]> {
  const asRepository = { name, object: repository.object, live: undefined, file: undefined }
  if (isRegistry(asRepository)) {
    const out: IndexedChart[] = []
    for (const chart of namedCharts(asRepository)) {
      const tags = await browseTags(input, chart)
      out.push(
        chartFrom(
          name,
          chart,
          tags.map(version => ({ version })),
        ),
      )
    }
    return out
  }
  const index = await browseIndex(input)
  return [...index]
    .slice(0, mostCharts)
    .filter(([, entries]) => entries.length > 0)
    .map(([chart, entries]) => chartFrom(name, chart, entries))
}

function chartFrom(repository: string, name: string, entries: readonly Record<string, unknown>[]): IndexedChart {
  const sorted = entries
    .filter(entry => typeof entry['version'] === 'string')
    .map(entry => ({ entry, parsed: parseVersion(String(entry['version'])) }))
    .filter(one => one.parsed !== undefined)
    .sort((a, b) => compareVersions(b.parsed!, a.parsed!))
  const versions = sorted.slice(0, mostVersions).map(
    ({ entry, parsed }): IndexedVersion => ({
      version: String(entry['version']).slice(0, 100),
      appVersion: textOf(entry['appVersion'], 100),
      created: textOf(entry['created'], 40),
      deprecated: entry['deprecated'] === true,
      prerelease: parsed!.prerelease.length > 0,
    }),
  )
  const newest = sorted.find(one => one.parsed!.prerelease.length === 0) ?? sorted[0]
  const about = newest?.entry ?? {}
  const [appVersion, icon, home] = [
    textOf(about['appVersion'], 100),
    textOf(about['icon'], 500),
    textOf(about['home'], 500),
  ]
  return {
    repository,
    name: name.slice(0, 250),
    version: textOf(about['version'], 100) ?? '',
    ...(appVersion === undefined ? {} : { appVersion }),
    description: textOf(about['description'], 1000) ?? '',
    keywords: list(about['keywords']).slice(0, 20),
    deprecated: about['deprecated'] === true,
    ...(icon === undefined ? {} : { icon }),
    ...(home === undefined ? {} : { home }),
    versions,
    truncated: sorted.length > versions.length,
    sources: list(about['sources']).slice(0, 20),
    maintainers: (Array.isArray(about['maintainers']) ? about['maintainers'] : []).slice(0, 20).map((one: unknown) => {
      const [email, url] = [textOf(at(one, 'email'), 200), textOf(at(one, 'url'), 500)]
      return {
        name: textOf(at(one, 'name'), 200) ?? '',
        ...(email === undefined ? {} : { email }),
        ...(url === undefined ? {} : { url }),
      }
    }),
  }
}

function textOf(value: unknown, most: number): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, most) : undefined
}

function list(value: unknown): string[] {
  return (Array.isArray(value) ? value : []).flatMap((one: unknown) => textOf(one, 500) ?? [])
}

/** The words of a host, for people. */
export function wordsOf(error: unknown): string {
  const { message } = error instanceof Error ? error : new Error(String(error))
  return redact(message).slice(0, 1000)
}

/** @throws E_CHART_REPOSITORY, E_CHART_NOT_FOUND */
export async function chartNamed(
  context: ServerContext,
  repository: ChartRepository,
  name: string,
): Promise<IndexedChart> {
  const index = await indexOf(context, repository)
  if (index.problem !== undefined)
    throw new SluiceError('E_CHART_REPOSITORY', { object: `chart repository ${repository.name}`, seen: index.problem })
  const found = index.charts.find(one => one.name === name)
  if (found) return found
  throw new SluiceError('E_CHART_NOT_FOUND', { object: `chart ${name} of ${repository.name}` })
}
