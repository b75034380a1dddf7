import type { FileTree } from '../../../base/file-tree.ts'
import type { HelmRepository } from '../../../specs/flux/helm-repository.ts'
import { safePath } from '../archive/tar-read.ts'
import type { SourceContext } from '../context.ts'
import { parseRange } from '../semver/constraint.ts'
import { parseVersion } from '../semver/version.ts'
import { type Chart, type ChartDependency, chartOfArchive, chartOfFolder } from './chart.ts'
import { type ChartDownloader, chartDownloader } from './download.ts'
import { normalizeRepositoryUrl } from './repository-access.ts'

/** Dependencies of one chart. */
const most = 100

export interface DependencyInput {
  readonly context: SourceContext
  readonly namespace: string
  readonly chart: Chart
  /** The source, and the folder of the chart in it. */
  readonly tree: FileTree
  readonly folder: string
  readonly signal: AbortSignal
}

/** Puts the dependencies that are not in `charts/` there; returns how many. @throws Error with the words of Flux */
export async function addDependencies(input: DependencyInput): Promise<number> {
  const { chart } = input
  const wanted = chart.dependencies
  if (wanted.length > most) throw new Error(`the chart has more than ${most} dependencies`)
  const present = await chart.present()
  if (present.size === wanted.length) return 0
  const missing = wanted.filter(({ name, alias }) => !present.has(alias || name))
  const downloaders = new Map<string, Promise<ChartDownloader>>()
  try {
    for (const dependency of missing) {
      const shown = dependency.alias || dependency.name
      const local = dependency.repository === '' || dependency.repository.startsWith('file://')
      try {
        chart.add(await (local ? localChart(input, dependency) : remoteChart(input, dependency, downloaders)))
      } catch (error) {
        throw new Error(
          `failed to add ${local ? 'local' : 'remote'} dependency '${shown}': ${(error as Error).message}`,
          { cause: error },
        )
      }
    }
  } finally {
    for (const downloader of downloaders.values()) await downloader.then(open => open.close()).catch(() => undefined)
  }
  return missing.length
}

/** A chart of the same source, never one outside it. */
async function localChart({ tree, folder }: DependencyInput, dependency: ChartDependency): Promise<Chart> {
  const { repository, version } = dependency
  const path = joinInside(folder, repository.replace(/^file:\/\//, ''))
  const entry = path === '' ? undefined : await tree.entry(path)
  if (entry === undefined) throw new Error(`no chart found at '/${path}' (reference '${repository}')`)
  const range = parseRange(version)
  if (typeof range === 'string') throw new Error(`invalid version/constraint format '${version}': ${range}`)
  const chart =
    entry.kind === 'folder'
      ? await chartOfFolder(tree, path)
      : await chartOfArchive((await tree.read(path)) ?? Buffer.alloc(0))
  if (!range.includes(parseVersion(chart.version)!))
    throw new Error(`can't get a valid version for constraint '${version}'`)
  return chart
}

async function remoteChart(
  { context, namespace, signal }: DependencyInput,
  dependency: ChartDependency,
  downloaders: Map<string, Promise<ChartDownloader>>,
): Promise<Chart> {
  const url = normalizeRepositoryUrl(dependency.repository)
  if (!/^(?:https?|oci):\/\//.test(url))
    throw new Error(`the repository '${dependency.repository}' is not https, http or oci`)
  let downloader = downloaders.get(url)
  if (downloader === undefined) {
    downloader = open(context, namespace, url, signal)
    downloaders.set(url, downloader)
  }
  const { name, version, repository } = dependency
  const found = await (await downloader).find(name, version).catch(error => {
    throw new Error(
      `failed to get chart '${name}' version '${version}' from '${repository}': ${(error as Error).message}`,
      { cause: error },
    )
  })
  const bytes = await found.download().catch(error => {
    throw new Error(`chart download of version '${found.version}' failed: ${(error as Error).message}`, {
      cause: error,
    })
  })
  return chartOfArchive(bytes)
}

/** With the login of the HelmRepository of this namespace that has the same address; without any when there is none. */
async function open(
  context: SourceContext,
  namespace: string,
  url: string,
  signal: AbortSignal,
): Promise<ChartDownloader> {
  const known = context.sources
    .list('HelmRepository')
    .map(object => object as unknown as HelmRepository)
    .find(({ metadata, spec }) => metadata.namespace === namespace && normalizeRepositoryUrl(spec.url) === url)
  const repository =
    known ??
    ({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'HelmRepository',
      metadata: { namespace, name: 'dependency' },
      spec: { url, ...(url.startsWith('oci://') ? { type: 'oci' as const } : {}) },
    } as HelmRepository)
  const artifact = known?.status?.artifact
  const bytes = artifact && (await context.storage.read(artifact))
  return chartDownloader(context, repository, signal, bytes && { digest: artifact.digest, bytes })
}

/** A path relative to a folder of the source; `..` goes up, and stops at the root as Flux's secure join does. */
export function joinInside(folder: string, path: string): string {
  const parts = path.startsWith('/') ? [] : folder.split('/').filter(part => part !== '')
  for (const step of path.split('/')) {
    if (step === '..') parts.pop()
    else if (step !== '' && step !== '.') parts.push(step)
  }
  return safePath(parts.join('/'))
}
