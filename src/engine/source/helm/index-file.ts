import { isObject } from '../../../base/json.ts'
import { parseYaml } from '../../../kube/yaml/index.ts'
import { parseRange } from '../semver/constraint.ts'
import { compareVersions, parseStrictVersion, type Version } from '../semver/version.ts'

/** One version of a chart in an index. */
export interface IndexedChart {
  readonly name: string
  readonly version: string
  /** Where the package is; relative to the repository, or absolute. */
  readonly urls: readonly string[]
  /** SHA-256 of the package, hex; '' when the index says none. */
  readonly digest: string
  /** ISO 8601; '' when absent. */
  readonly created: string
}

/** The index of a chart repository: versions by name of the chart. */
export type ChartIndex = ReadonlyMap<string, readonly IndexedChart[]>

const mostCharts = 500_000

/** Reads `index.yaml`, which may be JSON. Entries without name or version are passed over, as Helm does. @throws Error */
export function parseIndex(bytes: Buffer): { readonly index: ChartIndex; readonly content: Record<string, unknown> } {
  const text = bytes.toString('utf8')
  const content: unknown = text.trimStart().startsWith('{')
    ? JSON.parse(text)
    : parseYaml(bytes, { source: 'index.yaml' })
  if (!isObject(content)) throw new Error('empty index.yaml file')
  if (typeof content['apiVersion'] !== 'string' || content['apiVersion'] === '')
    throw new Error('no API version specified')
  const index = new Map<string, IndexedChart[]>()
  let count = 0
  for (const [name, versions] of Object.entries(isObject(content['entries']) ? content['entries'] : {})) {
    const charts: IndexedChart[] = []
    for (const entry of Array.isArray(versions) ? versions : []) {
      if (++count > mostCharts) throw new Error(`the index has more than ${mostCharts} entries`)
      const chart = entryOf(entry)
      if (chart !== undefined) charts.push(chart)
    }
    index.set(name, charts)
  }
  return { index, content }
}

function entryOf(entry: unknown): IndexedChart | undefined {
  if (!isObject(entry) || typeof entry['name'] !== 'string' || typeof entry['version'] !== 'string') return undefined
  const { urls, digest, created } = entry
  return {
    name: entry['name'],
    version: entry['version'],
    urls: Array.isArray(urls) ? urls.filter((url): url is string => typeof url === 'string') : [],
    digest: typeof digest === 'string' ? digest.replace(/^sha256:/, '') : '',
    created: typeof created === 'string' ? created : '',
  }
}

/** The chart that a name and a version (exact, or a range) stand for. @throws Error with the words of Flux */
export function chartInIndex(index: ChartIndex, name: string, version: string): IndexedChart {
  const charts = index.get(name)
  if (charts === undefined) throw new Error('no chart name found')
  if (charts.length === 0) throw new Error('no chart version found')
  const exact = version === '' ? undefined : charts.find(chart => chart.version === version)
  if (exact !== undefined) return exact
  const range = parseRange(version || '*')
  if (typeof range === 'string') throw new Error(range)
  let best: { chart: IndexedChart; version: Version } | undefined
  for (const chart of charts) {
    const parsed = parseStrictVersion(chart.version)
    if (parsed === undefined || !range.includes(parsed)) continue
    const order = best === undefined ? 1 : compareVersions(parsed, best.version)
    // Versions that differ in build metadata only: the younger one.
    if (order > 0 || (order === 0 && chart.created > best!.chart.created)) best = { chart, version: parsed }
  }
  if (best === undefined) throw new Error(`no '${name}' chart with version matching '${version}' found`)
  return best.chart
}
