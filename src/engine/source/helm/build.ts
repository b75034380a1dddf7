import type { FileTree } from '../../../base/file-tree.ts'
import { stringifyYaml } from '../../../kube/yaml/index.ts'
import { formatVersion, parseVersion } from '../semver/version.ts'
import { buildError } from './build-error.ts'
import { Chart, chartOfArchive, chartOfFolder, valuesIn } from './chart.ts'
import { addDependencies, type DependencyInput, joinInside } from './dependencies.ts'
import type { FoundChart } from './download.ts'
import { mergeValues } from './merge-values.ts'

/** What is asked of a build. */
export interface BuildOptions {
  readonly valuesFiles: readonly string[]
  readonly ignoreMissing: boolean
  /** Build metadata for the version: `1.2.3+<this>`. */
  readonly versionMetadata: string
  /** Name and version of the stored chart, when it may be used again. */
  readonly stored: { readonly name: string; readonly version: string } | undefined
}

/** A chart that was made, or found to be the stored one. */
export interface ChartBuild {
  readonly name: string
  readonly version: string
  /** Undefined when the stored chart is the one. */
  readonly bytes: Buffer | undefined
  /** Whether it was packed here, and not taken as it is. */
  readonly packaged: boolean
  readonly valuesFiles: readonly string[]
}

/** Makes a chart out of a repository: as it is, unless values files or metadata change it. */
export async function buildRemote(found: FoundChart, options: BuildOptions): Promise<ChartBuild> {
  const packaged = options.valuesFiles.length > 0 || options.versionMetadata !== ''
  const version = versionWith(found.version, options.versionMetadata)
  const base = { name: found.name, version, packaged, valuesFiles: options.valuesFiles }
  if (isStored(base, options)) return { ...base, bytes: undefined }
  const bytes = await found.download().catch(error => {
    throw buildError('pull', error, 'failed to download chart for remote reference')
  })
  let chart: Chart
  try {
    chart = await chartOfArchive(bytes)
  } catch (error) {
    throw buildError('pull', error, 'failed to load chart metadata from written chart')
  }
  if (!packaged) return { ...base, name: chart.name, bytes }
  const { values, used } = mergeFiles(chart, options)
  return {
    ...base,
    name: chart.name,
    valuesFiles: used,
    bytes: await pack(overwrite(chart.withVersion(version), values)),
  }
}

/** Makes a chart out of a folder (or a packed chart) of a source, with its dependencies. */
export async function buildLocal(
  input: Omit<DependencyInput, 'chart'> & { readonly path: string },
  options: BuildOptions,
): Promise<ChartBuild> {
  const { tree, path } = input
  let chart: Chart
  let isFolder: boolean
  let raw: Buffer | undefined
  try {
    const entry = await tree.entry(path)
    if (entry === undefined) throw new Error(`no chart found at '/${path}'`)
    isFolder = entry.kind === 'folder'
    raw = isFolder ? undefined : await tree.read(path)
    chart = isFolder ? await chartOfFolder(tree, path) : await chartOfArchive(raw ?? Buffer.alloc(0))
  } catch (error) {
    throw buildError('reference', error)
  }
  const packaged = isFolder || options.versionMetadata !== '' || options.valuesFiles.length > 0
  const version = versionWith(chart.version, options.versionMetadata)
  const base = { name: chart.name, version, packaged, valuesFiles: options.valuesFiles }
  if (isStored(base, options)) return { ...base, bytes: undefined }
  if (!packaged) return { ...base, bytes: raw }
  const { values, used } = await mergeTreeFiles(tree, options)
  const made = overwrite(chart.withVersion(version), values)
  if (isFolder) {
    await addDependencies({ ...input, folder: path, chart: made }).catch(error => {
      throw buildError('dependencies', error)
    })
  }
  return { ...base, valuesFiles: used, bytes: await pack(made) }
}

/** `pulled 'x' chart with version 'y'`: what Flux says of a build. */
export function summaryOf({ name, version, packaged, valuesFiles }: Omit<ChartBuild, 'bytes'>): string {
  const merged = valuesFiles.length === 0 ? '' : ` and merged values files [${valuesFiles.join(' ')}]`
  return `${packaged ? 'packaged' : 'pulled'} '${name}' chart with version '${version}'${merged}`
}

function isStored({ name, version }: { name: string; version: string }, { stored }: BuildOptions): boolean {
  return stored !== undefined && stored.name === name && stored.version === version
}

function versionWith(version: string, metadata: string): string {
  if (metadata === '') return version
  const parsed = parseVersion(version)
  if (parsed === undefined) {
    throw buildError('metadata', new Error(`failed to parse version from chart metadata as SemVer: '${version}'`))
  }
  return formatVersion({ ...parsed, metadata })
}

interface Merged {
  readonly values: Record<string, unknown>
  readonly used: readonly string[]
}

/** Values files of the chart itself; paths are relative to it. */
function mergeFiles(chart: Chart, { valuesFiles, ignoreMissing }: BuildOptions): Merged {
  let values: Record<string, unknown> = {}
  const used: string[] = []
  try {
    for (const file of valuesFiles) {
      const path = joinInside('', file)
      const bytes = path.startsWith('templates/') ? undefined : chart.files.get(path)
      if (bytes === undefined && path !== 'values.yaml') {
        if (ignoreMissing) continue
        throw new Error(`no values file found at path '${file}'`)
      }
      values = mergeValues(values, valuesIn(bytes ?? Buffer.alloc(0), file))
      used.push(file)
    }
  } catch (error) {
    throw buildError('values', error, 'failed to merge chart values')
  }
  return { values, used }
}

/** Values files of a source; paths are relative to its root. */
async function mergeTreeFiles(tree: FileTree, { valuesFiles, ignoreMissing }: BuildOptions): Promise<Merged> {
  let values: Record<string, unknown> = {}
  const used: string[] = []
  try {
    for (const file of valuesFiles) {
      const path = joinInside('', file)
      const bytes = await tree.read(path)
      if (bytes === undefined) {
        if (ignoreMissing) continue
        throw new Error(`no values file found at path '/${path}' (reference '${file}')`)
      }
      values = mergeValues(values, valuesIn(bytes, file))
      used.push(file)
    }
  } catch (error) {
    throw buildError('values', error)
  }
  return { values, used }
}

function overwrite(chart: Chart, values: Record<string, unknown>): Chart {
  const files = new Map(chart.files)
  if (Object.keys(values).length > 0) files.set('values.yaml', Buffer.from(stringifyYaml(values)))
  return new Chart([...files].map(([path, bytes]) => ({ path, bytes })))
}

async function pack(chart: Chart): Promise<Buffer> {
  try {
    return await chart.pack()
  } catch (error) {
    throw buildError('package', error)
  }
}
