import { at } from '../../apps/index.ts'
import { compareVersions, parseVersion } from '../../engine/index.ts'
import type { ChartSummary } from '../contract/charts.ts'

const mostVersions = 200

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

/** A chart out of the entries that an index, a registry or a Chart.yaml has of it. */
export function chartFrom(repository: string, name: string, entries: readonly Record<string, unknown>[]): IndexedChart {
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

/** What a chart's own Chart.yaml says of it: a registry says nothing but versions. */
export function aboutChart(repository: string, name: string, metadata: Record<string, unknown>) {
  const { version: _, versions: __, truncated: ___, ...about } = chartFrom(repository, name, [metadata])
  return { ...about, sources: [...about.sources], maintainers: [...about.maintainers] }
}

function textOf(value: unknown, most: number): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, most) : undefined
}

function list(value: unknown): string[] {
  return (Array.isArray(value) ? value : []).flatMap((one: unknown) => textOf(one, 500) ?? [])
}
