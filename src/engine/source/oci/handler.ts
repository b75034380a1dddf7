import { jsonEqual } from '../../../base/json.ts'
import { compileGoRegExp } from '../../../kube/structural/index.ts'
import type { OciRepository } from '../../../specs/flux/oci-repository.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import { ArchiveTree } from '../archive/archive-tree.ts'
import { isGzip, unzip } from '../archive/gzip.ts'
import { packTree } from '../archive/pack.ts'
import { defaultLimits, readTar } from '../archive/tar-read.ts'
import { FilteredTree } from '../filtered-tree.ts'
import type { SourceHandler, SourceJob, SourceOutcome } from '../handler.ts'
import { accessOf } from '../http/access.ts'
import { isRefusal, retryOf } from '../http/failure.ts'
import { Exclusions, IgnoreFiles } from '../ignore.ts'
import { newestInRange } from '../semver/newest.ts'
import type { SourceObject } from '../sources.ts'
import { loginFor } from './login.ts'
import { isDigest, isTag, parseOciUrl } from './reference.ts'
import { type Descriptor, layersOf, type Manifest, Registry, textsIn } from './registry.ts'
import { refuseUnverifiable, verifyManifest } from './verify.ts'

type Oci = OciRepository & SourceObject

/** OCIRepository: an artifact in a registry. */
export const ociRepositoryHandler: SourceHandler = {
  kind: 'OCIRepository',
  failureReason: 'OCIArtifactPullFailed',
  run: job => run(job as unknown as SourceJob<Oci>),
}

async function run(job: SourceJob<Oci>): Promise<SourceOutcome> {
  const { context, object, signal } = job
  const { spec } = object
  const namespace = object.metadata.namespace ?? ''
  if (spec.provider !== undefined && spec.provider !== 'generic') throw cloudLogin(spec.provider)
  refuseUnverifiable(spec.verify)
  const parsed = parseOciUrl(spec.url)
  if (typeof parsed === 'string') {
    throw new StepFailure('URLInvalid', `URL validation failed for '${spec.url}': ${parsed}`, { stalled: true })
  }
  const login = await loginFor(context, namespace, spec, parsed)
  const access = await accessOf(context, namespace, spec)
  const registry = new Registry(parsed, { access, login, insecure: spec.insecure === true, signal })
  try {
    const { revision, digest, shown } = await resolve(registry, spec)
    let verified: string | undefined
    if (spec.verify?.secretRef !== undefined) {
      await verifyManifest(
        context,
        namespace,
        { ...spec.verify, secretRef: spec.verify.secretRef },
        registry,
        shown,
        digest,
      )
      verified = `verified signature of revision ${revision}`
    }
    const artifact = unchanged(job, revision) ?? (await pull(job, registry, revision, digest))
    const url = await context.storage.pointLatest(artifact, 'latest.tar.gz')
    return {
      artifact,
      reason: 'Succeeded',
      message: `stored artifact for digest '${revision}'`,
      news: newsOf(revision, spec.url, artifact.metadata ?? {}),
      verified,
      observed: {
        observedIgnore: spec.ignore,
        observedLayerSelector: spec.layerSelector,
        url: url ?? object.status?.url,
      },
    }
  } catch (error) {
    if (error instanceof StepFailure) throw error
    signal.throwIfAborted()
    throw pullFailure('failed to determine artifact digest', error)
  } finally {
    await registry.close()
  }
}

interface Resolved {
  readonly revision: string
  readonly digest: string
  /** As messages name it. */
  readonly shown: string
}

/** Digest wins over semver, semver over tag; `latest` when nothing is said. */
async function resolve(registry: Registry, { ref, url }: Oci['spec']): Promise<Resolved> {
  if (ref?.digest) {
    if (!isDigest(ref.digest)) {
      throw new StepFailure(
        'OCIArtifactPullFailed',
        `failed to determine artifact digest: '${ref.digest}' is no digest`,
      )
    }
    return { revision: ref.digest, digest: ref.digest, shown: `${registry.name}@${ref.digest}` }
  }
  let tag = ref?.tag || 'latest'
  if (ref?.semver) {
    try {
      tag = await newestTag(registry, ref.semver, ref.semverFilter)
    } catch (error) {
      throw failed('ReadOperationFailed', `failed to determine the artifact tag for '${url}'`, error)
    }
  }
  if (!isTag(tag))
    throw new StepFailure(
      'ReadOperationFailed',
      `failed to determine the artifact tag for '${url}': '${tag}' is no tag`,
    )
  try {
    const digest = await registry.resolve(tag)
    return { revision: `${tag}@${digest}`, digest, shown: `${registry.name}:${tag}` }
  } catch (error) {
    throw pullFailure('failed to determine artifact digest', error)
  }
}

async function newestTag(registry: Registry, range: string, filter: string | undefined): Promise<string> {
  let tags = await registry.tags()
  if (filter) {
    if (filter.length > 1000) throw new Error('spec.ref.semverFilter is longer than 1000 characters')
    const pattern = compileGoRegExp(filter)
    if (typeof pattern === 'string') throw new Error(pattern)
    tags = tags.filter(tag => pattern.test(tag))
  }
  const newest = newestInRange(tags, range)
  if ('problem' in newest) throw new Error(newest.problem)
  return newest.name
}

function unchanged({ current, object }: SourceJob<Oci>, revision: string) {
  const { spec, status } = object
  const same =
    current?.revision === revision &&
    spec.ignore === status?.observedIgnore &&
    jsonEqual(spec.layerSelector, status?.observedLayerSelector)
  return same ? current : undefined
}

async function pull({ context, object }: SourceJob<Oci>, registry: Registry, revision: string, digest: string) {
  const { spec, metadata } = object
  let manifest: Manifest
  let layer: Descriptor
  let blob: Buffer
  try {
    manifest = await imageManifest(registry, digest)
  } catch (error) {
    throw pullFailure(`failed to pull artifact from '${spec.url}'`, error)
  }
  try {
    layer = selectLayer(manifest, spec.layerSelector?.mediaType)
  } catch (error) {
    throw new StepFailure('OCIArtifactLayerOperationFailed', messageOf(error), { cause: error })
  }
  try {
    blob = await registry.blob(layer)
  } catch (error) {
    throw failed('OCIArtifactLayerOperationFailed', 'failed to extract the first layer from artifact', error)
  }
  const bytes = spec.layerSelector?.operation === 'copy' ? blob : await repack(blob, spec.ignore)
  return context.storage.put({
    kind: object.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    file: `${digest}.tar.gz`,
    revision,
    bytes,
    metadata: textsIn(manifest.content['annotations']),
  })
}

/** An image manifest; of an index, the one that is for every platform or for linux/amd64, as Flux's library chooses. */
async function imageManifest(registry: Registry, digest: string): Promise<Manifest> {
  const manifest = await registry.manifest(digest)
  const { manifests } = manifest.content
  if (!Array.isArray(manifests)) return manifest
  type Entry = { digest?: unknown; platform?: { os?: string; architecture?: string } }
  const entries = (manifests as Entry[]).filter(entry => typeof entry?.digest === 'string' && isDigest(entry.digest))
  const fits = ({ platform }: Entry) =>
    platform === undefined || (platform.os === 'linux' && platform.architecture === 'amd64')
  const chosen = entries.find(fits)
  if (chosen === undefined) throw new Error('no child with platform linux/amd64 in index')
  return registry.manifest(chosen.digest as string)
}

function selectLayer(manifest: Manifest, mediaType: string | undefined): Descriptor {
  const layers = layersOf(manifest)
  if (layers.length === 0) throw new Error('no layers found in artifact')
  if (!mediaType) return layers[0]!
  const found = layers.find(layer => layer.mediaType === mediaType)
  if (found === undefined) throw new Error(`failed to find layer with media type '${mediaType}' in artifact`)
  return found
}

/** The files of a layer, less what is left out, as an archive of ours. */
async function repack(blob: Buffer, ignore: string | undefined): Promise<Buffer> {
  try {
    const tar = isGzip(blob) ? await unzip(blob, defaultLimits.maxBytes) : blob
    const tree = new ArchiveTree(readTar(tar, defaultLimits))
    return await packTree(new FilteredTree(tree, await Exclusions.load(tree, ignore, new IgnoreFiles())))
  } catch (error) {
    throw new StepFailure(
      'OCIArtifactLayerOperationFailed',
      `failed to extract layer contents from artifact: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

function newsOf(revision: string, url: string, metadata: Readonly<Record<string, string>>): string {
  const source = metadata['org.opencontainers.image.source']
  const origin = metadata['org.opencontainers.image.revision']
  const from = source && origin ? `, origin source '${source}', origin revision '${origin}'` : ''
  return `stored artifact with revision '${revision}' from '${url}'${from}`
}

function pullFailure(what: string, error: unknown): unknown {
  return failed(isRefusal(error) ? 'AuthenticationFailed' : 'OCIArtifactPullFailed', what, error)
}

function failed(reason: string, what: string, error: unknown): unknown {
  if (error instanceof DOMException && error.name === 'AbortError') return error
  return new StepFailure(reason, `${what}: ${messageOf(error)}`, { cause: error, ...retryOf(error) })
}

function cloudLogin(provider: string): StepFailure {
  return new StepFailure(
    'UnsupportedField',
    `spec.provider: ${provider}: logins by the identity of a cloud are not supported by Sluice's engine; use provider generic with a login in spec.secretRef, or let Flux's source-controller follow this source`,
    { stalled: true },
  )
}
