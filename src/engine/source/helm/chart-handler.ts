import type { HelmChart } from '../../../specs/flux/helm-chart.ts'
import type { HelmRepository } from '../../../specs/flux/helm-repository.ts'
import { StepFailure } from '../../failure.ts'
import type { SourceHandler, SourceJob, SourceOutcome } from '../handler.ts'
import { refuseUnverifiable, verifyManifest } from '../oci/verify.ts'
import { commitOfRevision } from '../ref.ts'
import type { SourceKindName, SourceObject } from '../sources.ts'
import { type BuildOptions, buildLocal, buildRemote, type ChartBuild, summaryOf } from './build.ts'
import { buildError } from './build-error.ts'
import { joinInside } from './dependencies.ts'
import { chartDownloader } from './download.ts'

type Source = HelmChart & SourceObject

/** How long to wait for a source without artifact; its first artifact ends the wait at once. */
const waitMs = 30_000
const plurals: Readonly<Record<string, string>> = {
  HelmRepository: 'helmrepositories',
  GitRepository: 'gitrepositories',
  Bucket: 'buckets',
}

/** HelmChart: one chart out of a HelmRepository, GitRepository or Bucket, as a packed file. */
export const helmChartHandler: SourceHandler = {
  kind: 'HelmChart',
  failureReason: 'ChartPullError',
  run: job => run(job as unknown as SourceJob<Source>),
}

async function run(job: SourceJob<Source>): Promise<SourceOutcome> {
  const { context, object, current } = job
  const { spec, metadata } = object
  const source = sourceOf(job)
  const { build, verified } =
    source.kind === 'HelmRepository'
      ? await fromRepository(job, source as unknown as HelmRepository & SourceObject)
      : { build: await fromTree(job, source), verified: undefined }
  const artifact =
    build.bytes === undefined && current !== undefined
      ? current
      : await context.storage.put({
          kind: object.kind,
          namespace: metadata.namespace ?? '',
          name: metadata.name ?? '',
          file: `${build.name}-${build.version}.tgz`,
          revision: build.version,
          bytes: build.bytes ?? Buffer.alloc(0),
        })
  const message = summaryOf(build)
  const reason = build.packaged ? 'ChartPackageSucceeded' : 'ChartPullSucceeded'
  const url = await context.storage.pointLatest(artifact, 'latest.tar.gz')
  return {
    artifact,
    reason,
    message,
    news: message,
    newsReason: reason,
    verified,
    observed: {
      observedChartName: build.name,
      observedSourceArtifactRevision: source.status?.artifact?.revision,
      observedValuesFiles: spec.ignoreMissingValuesFiles ? build.valuesFiles : undefined,
      url: url ?? object.status?.url,
    },
  }
}

/** The source, which must have an artifact unless it is a registry. */
function sourceOf({ context, object }: SourceJob<Source>): SourceObject {
  const { kind, name } = object.spec.sourceRef
  const source = context.sources.find(kind as SourceKindName, object.metadata.namespace ?? '', name)
  if (source === undefined) {
    throw new StepFailure(
      'SourceUnavailable',
      `failed to get source: ${plurals[kind] ?? kind}.source.toolkit.fluxcd.io "${name}" not found`,
      { retryMs: waitMs },
    )
  }
  const isRegistry = kind === 'HelmRepository' && (source as unknown as HelmRepository).spec.type === 'oci'
  if (source.status?.artifact === undefined && !isRegistry) {
    throw new StepFailure('NoSourceArtifact', `no artifact available for ${kind} source '${name}'`, { retryMs: waitMs })
  }
  return source
}

async function fromRepository(
  job: SourceJob<Source>,
  repository: HelmRepository & SourceObject,
): Promise<{ build: ChartBuild; verified: string | undefined }> {
  const { context, object, signal } = job
  const { spec, metadata } = object
  const isRegistry = repository.spec.url.startsWith('oci://')
  if (isRegistry && repository.spec.provider !== undefined && repository.spec.provider !== 'generic') {
    throw cloudLogin(repository.spec.provider, repository.metadata.name)
  }
  if (spec.verify !== undefined && !isRegistry) throw unsupported('spec.verify of a chart that is not in a registry')
  refuseUnverifiable(spec.verify)
  // What becomes part of an address must not be able to change it.
  if (
    !/^[-a-z0-9]+(?:(?:\/\.?|\.)[-a-z0-9]+)*(?:\/\.?|\.)?$/.test(spec.chart.slice(0, 250)) ||
    spec.chart.length > 250
  ) {
    throw buildError(
      'reference',
      new Error(
        `invalid chart name '${spec.chart}': a valid name must be lower case letters and numbers and MAY be separated with dashes (-), slashes (/) or periods (.)`,
      ),
    )
  }
  const artifact = repository.status?.artifact
  const bytes = artifact && (await context.storage.read(artifact))
  if (artifact !== undefined && bytes === undefined) context.sources.refetch(repository)
  const downloader = await chartDownloader(context, repository, signal, bytes && { digest: artifact!.digest, bytes })
  try {
    const found = await downloader.find(spec.chart, spec.version ?? '').catch(error => {
      signal.throwIfAborted()
      throw buildError(isRegistry ? 'pull' : 'reference', error, 'failed to get chart version for remote reference')
    })
    let verified: string | undefined
    if (spec.verify?.secretRef !== undefined && found.oci !== undefined) {
      const { registry, digest, shown } = found.oci
      const verify = { ...spec.verify, secretRef: spec.verify.secretRef }
      await verifyManifest(context, metadata.namespace ?? '', verify, registry, shown, digest)
      verified = `verified signature of version ${found.version}`
    }
    const options = optionsFor(job, valuesFilesOf(spec).length > 0 ? String(metadata.generation ?? 0) : '')
    return { build: await buildRemote(found, options), verified }
  } finally {
    await downloader.close()
  }
}

async function fromTree(job: SourceJob<Source>, source: SourceObject): Promise<ChartBuild> {
  const { context, object, signal } = job
  const { spec, metadata } = object
  const tree = await context.sources.tree(source)
  if (tree === undefined) {
    context.sources.refetch(source)
    throw new StepFailure(
      'NoSourceArtifact',
      `no artifact available for ${source.kind} source '${source.metadata.name}'`,
      { retryMs: waitMs },
    )
  }
  if (spec.chart.startsWith('/')) {
    throw buildError('reference', new Error('local chart reference path is expected to be relative'))
  }
  let path: string
  try {
    path = joinInside('', spec.chart)
  } catch (error) {
    throw buildError('reference', error)
  }
  const parts: string[] = []
  if (spec.reconcileStrategy === 'Revision') parts.push(shortRevision(source.status?.artifact?.revision ?? ''))
  if (valuesFilesOf(spec).length > 0) parts.push(String(metadata.generation ?? 0))
  const namespace = metadata.namespace ?? ''
  return buildLocal({ context, namespace, tree, folder: path, path, signal }, optionsFor(job, parts.join('.')))
}

function optionsFor({ object, current }: SourceJob<Source>, versionMetadata: string): BuildOptions {
  const { spec, metadata, status } = object
  // A spec that changed makes the chart anew, whatever its version.
  const fresh = metadata.generation !== status?.observedGeneration
  return {
    valuesFiles: valuesFilesOf(spec),
    ignoreMissing: spec.ignoreMissingValuesFiles === true,
    versionMetadata,
    stored:
      fresh || current === undefined ? undefined : { name: status?.observedChartName ?? '', version: current.revision },
  }
}

/** Only `values.yaml` is the same as none. */
function valuesFilesOf({ valuesFiles = [] }: Source['spec']): readonly string[] {
  return valuesFiles.length === 1 && valuesFiles[0]!.replace(/^(\.\/)+/, '') === 'values.yaml' ? [] : valuesFiles
}

/** Twelve characters of the hash of a revision: labels with the version in them have room for 63. */
function shortRevision(revision: string): string {
  return (commitOfRevision(revision) ?? revision.replace(/^sha256:/, '')).slice(0, 12)
}

function cloudLogin(provider: string, repository: string | undefined): StepFailure {
  return new StepFailure(
    'UnsupportedField',
    `spec.provider: ${provider} of HelmRepository '${repository}': logins by the identity of a cloud are not supported by Sluice's engine; use provider generic with a login in its spec.secretRef, or let Flux's source-controller make this chart`,
    { stalled: true },
  )
}

function unsupported(what: string): StepFailure {
  return new StepFailure(
    'UnsupportedField',
    `${what}: not supported by Sluice's engine; remove it, or let Flux's source-controller make this chart`,
    { stalled: true },
  )
}
