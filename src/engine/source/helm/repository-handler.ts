import { createHash } from 'node:crypto'
import type { HelmRepository } from '../../../specs/flux/helm-repository.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import type { SourceHandler, SourceJob, SourceOutcome } from '../handler.ts'
import { HttpClient } from '../http/client.ts'
import { isRefusal, retryOf } from '../http/failure.ts'
import type { SourceObject } from '../sources.ts'
import { parseIndex } from './index-file.ts'
import { type ChartRepositoryAccess, chartRepositoryAccess } from './repository-access.ts'

type Source = HelmRepository & SourceObject

/** An index larger than this is refused (Flux: --helm-index-max-size). */
const maxIndexBytes = 50 * 1024 * 1024

/** HelmRepository of type `default`: the index of charts over HTTP. One of type `oci` only stands for an address. */
export const helmRepositoryHandler: SourceHandler = {
  kind: 'HelmRepository',
  failureReason: 'Failed',
  isStatic: object => (object as unknown as Source).spec.type === 'oci',
  run: job => run(job as unknown as SourceJob<Source>),
}

async function run(job: SourceJob<Source>): Promise<SourceOutcome> {
  const { context, object, signal, current } = job
  const repository = await chartRepositoryAccess(context, object)
  const bytes = await fetchIndex(repository, signal).catch(error => {
    if (signal.aborted && (signal.reason as Error).name !== 'TimeoutError') throw signal.reason
    throw new StepFailure(
      isRefusal(error) ? 'AuthenticationFailed' : 'Failed',
      `failed to fetch Helm repository index: failed to cache index to temporary file: ${messageOf(error)}`,
      { cause: error, ...retryOf(error) },
    )
  })
  const hex = createHash('sha256').update(bytes).digest('hex')
  const revision = `sha256:${hex}`
  const artifact = current?.revision === revision ? current : await store(job, bytes, hex)
  const url = await context.storage.pointLatest(artifact, 'index.yaml')
  return {
    artifact,
    reason: 'Succeeded',
    message: `stored artifact: revision '${revision}'`,
    news: `stored fetched index of size ${humanSize(artifact.size ?? 0)} from '${object.spec.url}'`,
    observed: { url: url ?? object.status?.url },
  }
}

/** Gets the index of a repository, as it is served. @throws HttpFailure */
export async function fetchIndex(repository: ChartRepositoryAccess, signal: AbortSignal): Promise<Buffer> {
  const http = new HttpClient(repository.access)
  try {
    const url = new URL('index.yaml', repository.url)
    url.search = repository.url.search
    const { authorization } = repository
    const credentials = authorization && { authorization }
    return (await http.send(url, { credentials, maxBytes: maxIndexBytes, signal })).body
  } finally {
    await http.close()
  }
}

async function store({ context, object }: SourceJob<Source>, bytes: Buffer, hex: string) {
  let content: unknown
  try {
    content = parseIndex(bytes).content
  } catch (error) {
    throw new StepFailure('IndexationFailed', `failed to load Helm repository from index YAML: ${messageOf(error)}`, {
      cause: error,
    })
  }
  return context.storage.put({
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    file: `index-${hex}.yaml`,
    revision: `sha256:${hex}`,
    // Flux stores the index as JSON, under the name of a YAML file.
    bytes: Buffer.from(JSON.stringify(content)),
  })
}

/** As docker/go-units' HumanSize: four digits, steps of 1000. */
export function humanSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  let size = bytes
  let at = 0
  while (size >= 1000 && at < units.length - 1) {
    size /= 1000
    at++
  }
  return `${Number(size.toPrecision(4))}${units[at]}`
}
