import { createHash } from 'node:crypto'
import type { FileTree } from '../../../base/file-tree.ts'
import { memoryTree } from '../../../base/file-tree.ts'
import { Semaphore } from '../../../base/semaphore.ts'
import type { Bucket } from '../../../specs/flux/bucket.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import { zip } from '../archive/gzip.ts'
import { type ArchiveFile, defaultLimits, safePath } from '../archive/tar-read.ts'
import { writeTar } from '../archive/tar-write.ts'
import type { SourceHandler, SourceJob, SourceOutcome } from '../handler.ts'
import { accessOf } from '../http/access.ts'
import { isRefusal, retryOf } from '../http/failure.ts'
import { Exclusions, IgnoreFiles } from '../ignore.ts'
import type { SourceObject } from '../sources.ts'
import { credentialsFor } from './credentials.ts'
import { BucketClient } from './storage-client.ts'

type Source = Bucket & SourceObject

/** Objects fetched at once. */
const concurrency = 16
const ignoreFile = '.sourceignore'

/** Bucket: the objects of a bucket in storage that speaks S3. */
export const bucketHandler: SourceHandler = {
  kind: 'Bucket',
  failureReason: 'BucketOperationFailed',
  run: job => run(job as unknown as SourceJob<Source>),
}

async function run(job: SourceJob<Source>): Promise<SourceOutcome> {
  const { context, object, signal, current } = job
  const { spec } = object
  if (spec.provider === 'gcp' || spec.provider === 'azure') throw otherApi(spec.provider)
  const access = await accessOf(context, object.metadata.namespace ?? '', spec)
  const client = new BucketClient({
    endpoint: endpointOf(spec.endpoint, spec.insecure === true),
    bucket: bucketName(spec.bucketName),
    region: spec.region,
    credentials: await credentialsFor(context, object, access, signal),
    access,
    clock: context.clock,
    signal,
  })
  try {
    const index = await indexOf(client, spec)
    const same =
      current !== undefined && current.revision === revisionOf(index) && spec.ignore === object.status?.observedIgnore
    const artifact = same ? current : await store(job, client, index)
    const url = await context.storage.pointLatest(artifact, 'latest.tar.gz')
    return {
      artifact,
      reason: 'Succeeded',
      message: `stored artifact: revision '${artifact.revision}'`,
      news: `stored artifact with ${index.size} fetched files from '${spec.bucketName}' bucket`,
      observed: { observedIgnore: spec.ignore, url: url ?? object.status?.url },
    }
  } catch (error) {
    if (error instanceof StepFailure) throw error
    if (signal.aborted && (signal.reason as Error).name !== 'TimeoutError') throw signal.reason
    const reason = isRefusal(error) ? 'AuthenticationFailed' : 'BucketOperationFailed'
    throw new StepFailure(reason, messageOf(error), { cause: error, ...retryOf(error) })
  } finally {
    await client.close()
  }
}

/** Key to ETag of every object that belongs to the artifact. */
async function indexOf(client: BucketClient, spec: Source['spec']): Promise<Map<string, string>> {
  const exists = await client.exists().catch(error => {
    throw wrapped(`failed to confirm existence of '${spec.bucketName}' bucket`, error)
  })
  if (!exists) throw new Error(`bucket '${spec.bucketName}' does not exist`)
  const exclusions = await exclusionsOf(client, spec.ignore)
  const objects = await client.list(spec.prefix ?? '').catch(error => {
    throw wrapped(`indexation of objects from bucket '${spec.bucketName}' failed`, error)
  })
  const index = new Map<string, string>()
  for (const { key, etag } of objects) {
    if (key === '' || key.endsWith('/') || key === ignoreFile || exclusions.excludes(key, false)) continue
    index.set(key, etag)
  }
  return index
}

/** The rules of a `.sourceignore` at the root of the bucket and of `spec.ignore`; no built-in ones, as in Flux. */
async function exclusionsOf(client: BucketClient, ignore: string | undefined): Promise<Exclusions> {
  const found = await client.get(ignoreFile, 1024 * 1024)
  const tree: FileTree = memoryTree(found === undefined ? {} : { [ignoreFile]: found.bytes })
  return Exclusions.load(tree, ignore, new IgnoreFiles(), 'none')
}

/** SHA-256 over the sorted lines `<key> <etag>`. */
function revisionOf(index: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  const keys = [...index.keys()].map(key => Buffer.from(key)).sort(Buffer.compare)
  for (const key of keys) hash.update(key).update(` ${index.get(key.toString())}\n`)
  return `sha256:${hash.digest('hex')}`
}

async function store({ context, object }: SourceJob<Source>, client: BucketClient, index: Map<string, string>) {
  const { spec, metadata } = object
  const slots = new Semaphore(concurrency)
  const files: ArchiveFile[] = []
  let bytes = 0
  await Promise.all(
    [...index].map(([key, etag]) =>
      slots.run(async () => {
        const path = safePath(key)
        const found = await client.get(key, defaultLimits.maxFileBytes).catch(error => {
          throw wrapped(`fetch from bucket '${spec.bucketName}' failed`, error)
        })
        // An object that went or changed meanwhile is taken as it is now, and so is the revision.
        if (found === undefined) index.delete(key)
        else {
          if (found.etag !== '' && found.etag !== etag) index.set(key, found.etag)
          bytes += found.bytes.length
          if (bytes > defaultLimits.maxBytes)
            throw new Error(`the objects have more than ${defaultLimits.maxBytes} bytes`)
          files.push({ path, bytes: found.bytes })
        }
      }),
    ),
  )
  const revision = revisionOf(index)
  return context.storage.put({
    kind: object.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    file: `${revision.slice(7)}.tar.gz`,
    revision,
    bytes: await zip(writeTar(files)),
  })
}

function endpointOf(endpoint: string, insecure: boolean): URL {
  const text = `${insecure ? 'http' : 'https'}://${endpoint}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.pathname !== '/' || url.username !== '' || url.search !== '') {
    throw new StepFailure(
      'URLInvalid',
      `spec.endpoint: expected a host and perhaps a port, seen ${JSON.stringify(endpoint)}`,
      { stalled: true },
    )
  }
  return url
}

function bucketName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{1,221}[A-Za-z0-9]$/.test(name) && !name.includes('..')) return name
  throw new StepFailure('BucketOperationFailed', `spec.bucketName: ${JSON.stringify(name)} is no name of a bucket`, {
    stalled: true,
  })
}

function wrapped(what: string, error: unknown): unknown {
  if (error instanceof StepFailure || (error instanceof DOMException && error.name === 'AbortError')) return error
  const reason = isRefusal(error) ? 'AuthenticationFailed' : 'BucketOperationFailed'
  return new StepFailure(reason, `${what}: ${messageOf(error)}`, { cause: error, ...retryOf(error) })
}

function otherApi(provider: string): StepFailure {
  return new StepFailure(
    'UnsupportedField',
    `spec.provider: ${provider}: the API of this storage is not supported by Sluice's engine; use a storage that speaks S3 (provider generic), or let Flux's source-controller follow this bucket`,
    { stalled: true },
  )
}
