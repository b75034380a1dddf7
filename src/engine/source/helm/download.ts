import { LRUCache } from 'lru-cache'
import { isLoopback } from '../../../git/index.ts'
import type { HelmRepository } from '../../../specs/flux/helm-repository.ts'
import type { SourceContext } from '../context.ts'
import { accessOf } from '../http/access.ts'
import { HttpClient, sha256 } from '../http/client.ts'
import { loginFor } from '../oci/login.ts'
import { parseOciUrl } from '../oci/reference.ts'
import { layersOf, Registry } from '../oci/registry.ts'
import { newestInRange } from '../semver/newest.ts'
import { parseVersion } from '../semver/version.ts'
import { maxChartBytes } from './chart.ts'
import { type ChartIndex, chartInIndex, parseIndex } from './index-file.ts'
import { chartRepositoryAccess } from './repository-access.ts'
import { fetchIndex } from './repository-handler.ts'

/** A chart that was found, and how to get it. */
export interface FoundChart {
  readonly name: string
  readonly version: string
  /** For a chart in a registry: what a signature is about. */
  readonly oci?: { readonly registry: Registry; readonly digest: string; readonly shown: string }
  download(): Promise<Buffer>
}

/** Where charts come from. */
export interface ChartDownloader {
  /** The chart that a name and a version or range stand for. @throws Error */
  find(name: string, version: string): Promise<FoundChart>
  close(): Promise<void>
}

const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'

/** Indexes that were parsed, by the digest of the stored artifact. */
const indexes = new LRUCache<string, ChartIndex>({ max: 20 })

/** The charts of a HelmRepository; `indexBytes` is its stored index, fetched anew when there is none. */
export async function chartDownloader(
  context: SourceContext,
  repository: HelmRepository,
  signal: AbortSignal,
  stored?: { readonly digest: string; readonly bytes: Buffer },
): Promise<ChartDownloader> {
  return repository.spec.url.startsWith('oci://')
    ? registryCharts(context, repository, signal)
    : indexedCharts(context, repository, signal, stored)
}

async function indexedCharts(
  context: SourceContext,
  repository: HelmRepository,
  signal: AbortSignal,
  stored: { readonly digest: string; readonly bytes: Buffer } | undefined,
): Promise<ChartDownloader> {
  const access = await chartRepositoryAccess(context, repository)
  const http = new HttpClient(access.access)
  const load = async (): Promise<ChartIndex> => {
    const known = stored && indexes.get(stored.digest)
    if (known !== undefined) return known
    const { index } = parseIndex(stored?.bytes ?? (await fetchIndex(access, signal)))
    if (stored !== undefined) indexes.set(stored.digest, index)
    return index
  }
  return {
    async find(name, version) {
      const chart = chartInIndex(await load(), name, version)
      return {
        name: chart.name,
        version: chart.version,
        async download() {
          const [first] = chart.urls
          if (first === undefined) throw new Error(`chart '${chart.name}' has no downloadable URLs`)
          const url = new URL(first, access.url)
          if (url.protocol !== 'https:' && url.protocol !== 'http:')
            throw new Error(`chart URL '${first}' is not http or https`)
          if (url.search === '') url.search = access.url.search
          // Another host gets the login only if the spec says so, and never in the clear.
          const own = url.origin === access.url.origin
          const trusted = access.passCredentials && (url.protocol === 'https:' || isLoopback(url.hostname))
          const { authorization } = access
          const credentials = authorization !== undefined && (own || trusted) ? { authorization } : undefined
          const { body } = await http.send(url, { credentials, maxBytes: maxChartBytes, signal })
          if (chart.digest !== '' && sha256(body) !== `sha256:${chart.digest}`) {
            throw new Error(
              `the package of '${chart.name}' ${chart.version} is ${sha256(body)}, the index says sha256:${chart.digest}`,
            )
          }
          return body
        },
      }
    },
    close: () => http.close(),
  }
}

async function registryCharts(
  context: SourceContext,
  repository: HelmRepository,
  signal: AbortSignal,
): Promise<ChartDownloader> {
  const { spec, metadata } = repository
  const namespace = metadata.namespace ?? ''
  const access = await accessOf(context, namespace, spec)
  const open: Registry[] = []
  return {
    async find(name, version) {
      const ref = parseOciUrl(`${spec.url.replace(/\/+$/, '')}/${name}`)
      if (typeof ref === 'string') throw new Error(ref)
      const login = await loginFor(context, namespace, spec, ref)
      const registry = new Registry(ref, { access, login, insecure: spec.insecure === true, signal })
      open.push(registry)
      const found = await versionIn(registry, version)
      // Tags cannot hold a plus sign; Helm writes an underscore.
      const tag = found.replaceAll('+', '_')
      const manifest = await registry.manifest(tag)
      return {
        name: name.slice(name.lastIndexOf('/') + 1),
        version: found,
        oci: { registry, digest: manifest.digest, shown: `${registry.name}:${tag}` },
        async download() {
          const layer = layersOf(manifest).find(({ mediaType }) => mediaType === chartLayer)
          if (layer === undefined)
            throw new Error(`${registry.name}:${tag} holds no layer of type ${chartLayer}: it is no chart`)
          if (layer.size > maxChartBytes)
            throw new Error(`size of chart '${layer.size}' exceeds '${maxChartBytes}' bytes limit`)
          return registry.blob(layer)
        },
      }
    },
    async close() {
      await Promise.all(open.map(registry => registry.close()))
    },
  }
}

/** An exact version is its own tag; of a range the newest tag in it. */
async function versionIn(registry: Registry, version: string): Promise<string> {
  if (/^v?\d+\.\d+\.\d+/.test(version) && parseVersion(version) !== undefined) return version
  const tags = (await registry.tags()).map(tag => tag.replaceAll('_', '+'))
  if (tags.length === 0) throw new Error(`unable to locate any tags in provided repository: ${registry.name}`)
  const newest = newestInRange(tags, version || '*')
  if ('problem' in newest) throw new Error(`could not locate a version matching provided version string ${version}`)
  return newest.name
}
