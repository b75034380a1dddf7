import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { HelmRepository } from '../../../specs/flux/helm-repository.ts'
import { type ArchiveFile, readArchive } from '../../helmrelease/chart/archive.ts'
import type { SourceContext } from '../context.ts'
import { accessOf } from '../http/access.ts'
import { loginFor } from '../oci/login.ts'
import { parseOciUrl } from '../oci/reference.ts'
import { Registry } from '../oci/registry.ts'
import { chartDownloader } from './download.ts'
import { parseIndex } from './index-file.ts'
import { chartRepositoryAccess } from './repository-access.ts'
import { fetchIndex } from './repository-handler.ts'

/** A repository of charts to look at, with the engine's own code, and the Secrets that it may read. */
export interface BrowseInput {
  readonly repository: HelmRepository
  readonly readSecret: (namespace: string, name: string) => Promise<KubeObject | undefined>
  readonly signal: AbortSignal
}

/** Every entry of the index of an HTTP repository, by chart. @throws Error with the words of the host */
export async function browseIndex(
  input: BrowseInput,
): Promise<ReadonlyMap<string, readonly Record<string, unknown>[]>> {
  const access = await chartRepositoryAccess(contextOf(input), input.repository)
  const { content } = parseIndex(await fetchIndex(access, input.signal))
  const out = new Map<string, readonly Record<string, unknown>[]>()
  for (const [name, entries] of Object.entries(isObject(content['entries']) ? content['entries'] : {}))
    out.set(name, Array.isArray(entries) ? entries.filter(isObject) : [])
  return out
}

/** Versions of a chart in a registry. @throws Error with the words of the host */
export async function browseTags(input: BrowseInput, chart: string): Promise<readonly string[]> {
  const { spec, metadata } = input.repository
  const namespace = metadata.namespace ?? ''
  const ref = parseOciUrl(`${spec.url.replace(/\/+$/, '')}/${chart}`)
  if (typeof ref === 'string') throw new Error(ref)
  const context = contextOf(input)
  const registry = new Registry(ref, {
    access: await accessOf(context, namespace, spec),
    login: await loginFor(context, namespace, spec, ref),
    insecure: spec.insecure === true,
    signal: input.signal,
  })
  try {
    return (await registry.tags()).map(tag => tag.replaceAll('_', '+'))
  } finally {
    await registry.close()
  }
}

/** The files of a chart, and the version that was found. @throws Error with the words of the host */
export async function browseChart(
  input: BrowseInput,
  chart: string,
  version: string,
): Promise<{ readonly version: string; readonly files: readonly ArchiveFile[] }> {
  const downloader = await chartDownloader(contextOf(input), input.repository, input.signal)
  try {
    const found = await downloader.find(chart, version)
    return { version: found.version, files: readArchive(await found.download()) }
  } finally {
    await downloader.close()
  }
}

/** What reaching a repository needs of the engine: Secrets, and nothing else. */
function contextOf({ readSecret }: BrowseInput): SourceContext {
  return { readSecret } as unknown as SourceContext
}
