import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, relative, sep } from 'node:path'
import { SluiceError } from '../../base/errors/index.ts'
import { jsonEqual } from '../../base/json.ts'
import { localTree } from '../../git/index.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { StepFailure } from '../failure.ts'
import { type Chart, openChart } from '../helmrelease/chart/chart.ts'
import { helmChartOf } from '../helmrelease/chart/template.ts'
import { chartSourceOf } from '../helmrelease/source.ts'
import { buildLocal } from '../source/helm/build.ts'
import { maxChartBytes } from '../source/helm/chart.ts'
import type { SourceObject } from '../source/sources.ts'
import type { PreviewEnvironment } from './environment.ts'
import type { PreviewSources } from './sources.ts'

/**
 * The chart of a release: what the engine has made, when that is still what is wanted and can be reached from here; else
 * fetched from where the source says, by the engine's own code.
 */
export async function chartOf(
  object: HelmRelease,
  sources: PreviewSources,
  read: PreviewEnvironment['read'],
): Promise<Chart> {
  const template = helmChartOf(object)
  const source =
    template === undefined ? await named(object, sources) : await made(template as SourceObject, sources, read)
  const ofRegistry = source.kind === 'OCIRepository' ? source.status?.artifact?.revision : undefined
  const published = await sources.published(source)
  if (published !== undefined) return openChart(published, ofRegistry)
  if (source.kind === 'ExternalArtifact') {
    throw new StepFailure(
      'ArtifactFailed',
      `the artifact of ExternalArtifact ${source.metadata.name} is served at an address that cannot be reached from here; give the chart with --chart`,
    )
  }
  const fetched = await sources.fetchAs(source)
  const file = await sources.file(fetched)
  if (file === undefined) throw new StepFailure('ArtifactFailed', 'Source not ready: artifact not found')
  return openChart(await readFile(file.path), source.kind === 'OCIRepository' ? file.revision : undefined)
}

/** What `spec.chartRef` names. */
async function named(object: HelmRelease, sources: PreviewSources): Promise<SourceObject> {
  const { kind, namespace, name } = chartSourceOf(object)
  const found = await sources.look(kind, namespace, name)
  if (found !== undefined) return found
  const plural = kind === 'OCIRepository' ? 'ocirepositories' : `${kind.toLowerCase()}s`
  throw new StepFailure(
    'ArtifactFailed',
    `could not get Source object: ${plural}.source.toolkit.fluxcd.io "${name}" not found`,
  )
}

/** The HelmChart of a template, with the status of the one in the cluster while that is the same. */
async function made(
  wanted: SourceObject,
  sources: PreviewSources,
  read: PreviewEnvironment['read'],
): Promise<SourceObject> {
  const { namespace = '', name = '' } = wanted.metadata
  const live = (await sources.look('HelmChart', namespace, name)) as SourceObject | undefined
  const { kind, name: source } = (wanted['spec'] as { sourceRef: { kind: string; name: string } }).sourceRef
  const generation = live?.metadata.generation ?? 0
  const ref = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind, namespace, name: source }
  const from = (await read(ref)) as SourceObject | undefined
  const specOf = (one: SourceObject) => one['spec'] as Record<string, unknown>
  const same =
    live !== undefined &&
    live.status?.observedGeneration === generation &&
    Object.entries(specOf(wanted)).every(([field, value]) => jsonEqual(specOf(live)[field], value))
  // A chart out of the tree at hand is made of that tree.
  if (same && !(from !== undefined && sources.isGiven(from))) return live
  return { ...wanted, metadata: { ...wanted.metadata, generation: same ? generation : generation + 1 } }
}

/** A chart out of a folder or packed file of this machine, with its dependencies as a source would add them. */
export async function localChart(
  path: string,
  namespace: string,
  environment: PreviewEnvironment,
  sources: PreviewSources,
): Promise<Chart> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new SluiceError('E_FILE_READ', { object: path, seen: error.code ?? error.message })
  })
  if (!found.isDirectory()) {
    if (found.size > maxChartBytes) {
      throw new SluiceError('E_FILE_READ', {
        object: path,
        expected: `a chart of at most ${maxChartBytes} bytes`,
        seen: `${found.size}`,
      })
    }
    return openChart(await readFile(path))
  }
  await sources.knowRepositories(namespace)
  const root = rootOf(path)
  const folder = relative(root, path).split(sep).join('/')
  const { bytes } = await buildLocal(
    { context: sources.context, namespace, tree: localTree(root), folder, path: folder, signal: environment.signal },
    { valuesFiles: [], ignoreMissing: false, versionMetadata: '', stored: undefined },
  )
  return openChart(bytes ?? Buffer.alloc(0))
}

/** The working tree that a chart is in, so that it may depend on charts beside it; else the folder above it. */
function rootOf(folder: string): string {
  for (let at = folder; at !== dirname(at); at = dirname(at)) if (existsSync(`${at}${sep}.git`)) return at
  return dirname(folder)
}
