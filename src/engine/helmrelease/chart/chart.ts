import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { editYaml, parseObjects, parseYaml } from '../../../kube/yaml/index.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import { type ArchiveFile, readArchive, writeArchive } from './archive.ts'

/** What the engine itself reads of a chart; helm reads the rest. */
export interface Chart {
  readonly name: string
  /** With the digest as build metadata for a chart out of an OCIRepository. */
  readonly version: string
  readonly appVersion: string
  /** Definitions in `crds/` of the chart and of the charts in it, in Helm's order. */
  readonly crds: readonly KubeObject[]
  /** The archive that helm is given. */
  readonly archive: Buffer
  /** Digest of the OCI artifact that it came with. */
  readonly ociDigest: string | undefined
}

const deepestCharts = 8

/** Opens a chart archive. `revision` is that of an OCIRepository, whose digest becomes part of the version (Flux). */
export function openChart(packed: Buffer, revision?: string): Chart {
  let files: ArchiveFile[]
  try {
    files = readArchive(packed)
  } catch (error) {
    throw new StepFailure('ArtifactFailed', `Could not load chart: ${messageOf(error)}`)
  }
  const file = files.find(({ path }) => /^[^/]+\/Chart\.yaml$/.test(path))
  if (file === undefined) throw new StepFailure('ArtifactFailed', 'Could not load chart: Chart.yaml file is missing')
  const metadata = metadataOf(file)
  const text = (key: string) =>
    typeof metadata[key] === 'string' || typeof metadata[key] === 'number' ? String(metadata[key]) : ''
  const [name, version] = [text('name'), text('version')]
  if (name === '' || version === '') {
    throw new StepFailure('ArtifactFailed', 'Could not load chart: Chart.yaml needs a name and a version')
  }
  const common = { name, appVersion: text('appVersion'), crds: definitionsIn(files, 0) }
  if (revision === undefined) return { ...common, version, archive: packed, ociDigest: undefined }
  const ociDigest = revision.includes('@') ? revision.slice(revision.indexOf('@') + 1) : revision
  const exact = versionWithDigest(version, revision, ociDigest)
  const changed = {
    path: file.path,
    bytes: Buffer.from(editYaml(file.bytes.toString('utf8'), [{ path: ['version'], value: exact }])),
  }
  const archive = writeArchive(files.map(one => (one === file ? changed : one)))
  return { ...common, version: exact, archive, ociDigest }
}

function metadataOf(file: ArchiveFile): Record<string, unknown> {
  try {
    const value = parseYaml(file.bytes)
    if (isObject(value)) return value
  } catch (error) {
    throw new StepFailure('ArtifactFailed', `Could not load chart: cannot load Chart.yaml: ${messageOf(error)}`)
  }
  throw new StepFailure('ArtifactFailed', 'Could not load chart: cannot load Chart.yaml: it is no map')
}

/** Flux's mutateChartWithSourceRevision: the tag has to be the chart's version; 12 digits of the digest are added. */
function versionWithDigest(version: string, revision: string, digest: string): string {
  const failed = (message: string) => new StepFailure('ChartMutateError', message)
  const short = /^[a-z0-9]+:([a-f0-9]{12})/.exec(digest)?.[1]
  if (short === undefined) throw failed(`failed to extract digest from ${revision}`)
  const [base] = version.split('+')
  if (!/^v?\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?$/.test(base ?? '')) throw failed('invalid semantic version')
  if (revision.includes('@')) {
    // `+` cannot stand in a tag; helm writes it as `_`.
    const tag = revision.slice(0, revision.indexOf('@'))
    if (normalised(tag.replaceAll('_', '+')) !== normalised(version)) {
      throw failed(`artifact revision ${tag} does not match chart version ${version}`)
    }
  }
  return `${normalised(version)}+${short}`
}

/** Versions are compared without build metadata; missing parts are 0. */
function normalised(version: string): string {
  const [core = '', ...pre] = (version.split('+')[0] ?? '').replace(/^v/, '').split('-')
  const numbers = core.split('.')
  while (numbers.length < 3) numbers.push('0')
  return [numbers.join('.'), ...pre].join('-')
}

function definitionsIn(files: readonly ArchiveFile[], depth: number): KubeObject[] {
  if (depth > deepestCharts) return []
  const found: KubeObject[] = []
  const own = files.filter(({ path }) => /^[^/]+\/crds\/.+\.(ya?ml|json)$/.test(path))
  for (const { path, bytes } of own) {
    try {
      found.push(...parseObjects(bytes))
    } catch (error) {
      throw new StepFailure(
        'ArtifactFailed',
        `failed to parse CustomResourceDefinitions from ${path}: ${messageOf(error)}`,
      )
    }
  }
  for (const { path, bytes } of files) {
    if (/^[^/]+\/charts\/[^/]+\.tgz$/.test(path)) found.push(...definitionsIn(readArchive(bytes), depth + 1))
  }
  const nested = new Map<string, ArchiveFile[]>()
  for (const { path, bytes } of files) {
    const [, name, rest] = /^[^/]+\/charts\/([^/]+)\/(.+)$/.exec(path) ?? []
    if (name !== undefined && rest !== undefined) {
      nested.set(name, [...(nested.get(name) ?? []), { path: `${name}/${rest}`, bytes }])
    }
  }
  for (const chart of nested.values()) found.push(...definitionsIn(chart, depth + 1))
  return found
}
