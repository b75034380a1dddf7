import type { FileTree } from '../../../base/file-tree.ts'
import { isObject } from '../../../base/json.ts'
import { parseYaml, stringifyYaml } from '../../../kube/yaml/index.ts'
import { unzip, zip } from '../archive/gzip.ts'
import { filesOf } from '../archive/pack.ts'
import { type ArchiveFile, readTar } from '../archive/tar-read.ts'
import { writeTar } from '../archive/tar-write.ts'
import { parseVersion } from '../semver/version.ts'
import { HelmIgnore } from './helmignore.ts'

/** Bounds of a chart (Flux: --helm-chart-max-size, --helm-chart-file-max-size), and of what it unpacks to. */
export const maxChartBytes = 10 * 1024 * 1024
const limits = {
  maxBytes: 100 * 1024 * 1024,
  maxEntries: 20_000,
  maxFileBytes: 5 * 1024 * 1024,
  links: 'refuse',
} as const

/** A dependency as Chart.yaml or Chart.lock names it. */
export interface ChartDependency {
  readonly name: string
  readonly version: string
  readonly repository: string
  readonly alias: string
}

/** A chart in memory: its files by their path within the chart. */
export class Chart {
  readonly files: Map<string, Buffer>
  readonly metadata: Readonly<Record<string, unknown>>

  /** @throws Error when there is no valid Chart.yaml */
  constructor(files: Iterable<ArchiveFile>) {
    this.files = new Map([...files].map(({ path, bytes }) => [path, bytes]))
    const text = this.files.get('Chart.yaml')
    if (text === undefined) throw new Error('Chart.yaml file is missing')
    this.metadata = validMetadata(parseYaml(text, { source: 'Chart.yaml' }))
  }

  get name(): string {
    return String(this.metadata['name'])
  }

  get version(): string {
    return String(this.metadata['version'])
  }

  /** What it depends on: the lock file wins. */
  get dependencies(): readonly ChartDependency[] {
    for (const file of ['Chart.lock', 'requirements.lock']) {
      const text = this.files.get(file)
      if (text !== undefined) return dependenciesIn(parseYaml(text, { source: file }))
    }
    const old = this.files.get('requirements.yaml')
    if (this.metadata['apiVersion'] === 'v1' && old !== undefined) {
      return dependenciesIn(parseYaml(old, { source: 'requirements.yaml' }))
    }
    return dependenciesIn(this.metadata)
  }

  /** Names of the charts in `charts/`, unpacked or packed. */
  async present(): Promise<Set<string>> {
    const names = new Set<string>()
    for (const [path, bytes] of this.files) {
      const unpacked = /^charts\/([^/._][^/]*)\/Chart\.yaml$/.exec(path)
      if (unpacked !== null) names.add(new Chart([{ path: 'Chart.yaml', bytes }]).name)
      else if (/^charts\/[^/._][^/]*\.tgz$/.test(path)) names.add((await chartOfArchive(bytes)).name)
    }
    return names
  }

  /** Puts a chart into `charts/`. */
  add(chart: Chart): void {
    for (const [path, bytes] of chart.files) this.files.set(`charts/${chart.name}/${path}`, bytes)
  }

  /** The same chart with another version. */
  withVersion(version: string): Chart {
    if (version === this.version) return this
    const text = stringifyYaml({ ...this.metadata, version })
    const files = new Map(this.files).set('Chart.yaml', Buffer.from(text))
    return new Chart([...files].map(([path, bytes]) => ({ path, bytes })))
  }

  /** The values in `values.yaml`. */
  values(): Record<string, unknown> {
    return valuesIn(this.files.get('values.yaml') ?? Buffer.alloc(0), 'values.yaml')
  }

  /** As `helm package` would: everything below a folder of the chart's name. Equal charts give equal bytes. */
  pack(): Promise<Buffer> {
    return zip(writeTar([...this.files].map(([path, bytes]) => ({ path: `${this.name}/${path}`, bytes }))))
  }
}

/** Reads a packed chart: one folder with everything in it. @throws ArchiveError, Error */
export async function chartOfArchive(bytes: Buffer): Promise<Chart> {
  if (bytes.length > maxChartBytes) {
    throw new Error(`size of chart '${bytes.length}' exceeds '${maxChartBytes}' bytes limit`)
  }
  const files = readTar(await unzip(bytes, limits.maxBytes), limits)
  return new Chart(
    files
      .filter(({ path }) => path.includes('/'))
      .map(({ path, bytes: content }) => ({ path: path.slice(path.indexOf('/') + 1), bytes: content })),
  )
}

/** Reads the chart in a folder of a tree, less what its `.helmignore` leaves out. @throws Error */
export async function chartOfFolder(tree: FileTree, folder: string): Promise<Chart> {
  const prefix = folder === '' ? '' : `${folder}/`
  const rules = new HelmIgnore((await tree.read(`${prefix}.helmignore`))?.toString('utf8') ?? '')
  const files = (await filesOf(tree, folder)).map(({ path, bytes }) => ({ path: path.slice(prefix.length), bytes }))
  const kept = files.filter(({ path }) => !rules.ignores(path))
  const large = kept.find(({ bytes }) => bytes.length > limits.maxFileBytes)
  if (large !== undefined) {
    throw new Error(
      `cannot load file ${large.path} as file size (${large.bytes.length}) exceeds limit (${limits.maxFileBytes})`,
    )
  }
  return new Chart(kept)
}

/** The values in a file; empty for an empty file. @throws Error for one that holds no map */
export function valuesIn(bytes: Buffer, path: string): Record<string, unknown> {
  let values: unknown
  try {
    values = parseYaml(bytes, { source: path })
  } catch (error) {
    throw new Error(`unmarshaling values from '${path}' failed: ${(error as Error).message}`)
  }
  if (values === null || values === undefined) return {}
  if (!isObject(values)) throw new Error(`unmarshaling values from '${path}' failed: expected a map`)
  return values
}

function validMetadata(metadata: unknown): Record<string, unknown> {
  const invalid = (problem: string) => new Error(`validation: ${problem}`)
  if (!isObject(metadata)) throw invalid('chart.metadata is required')
  for (const field of ['apiVersion', 'name', 'version']) {
    const value = metadata[field]
    if (typeof value !== 'string' || value === '') throw invalid(`chart.metadata.${field} is required`)
  }
  const { name, version } = metadata as { name: string; version: string }
  // The name becomes a folder and part of a file's name.
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,248}[A-Za-z0-9])?$/.test(name))
    throw invalid(`chart.metadata.name ${JSON.stringify(name)} is invalid`)
  if (parseVersion(version) === undefined) throw invalid(`chart.metadata.version ${JSON.stringify(version)} is invalid`)
  return metadata
}

function dependenciesIn(value: unknown): ChartDependency[] {
  const list = isObject(value) && Array.isArray(value['dependencies']) ? value['dependencies'] : []
  return list.filter(isObject).map(entry => {
    const text = (key: string) => (typeof entry[key] === 'string' ? (entry[key] as string) : '')
    return { name: text('name'), version: text('version'), repository: text('repository'), alias: text('alias') }
  })
}
