import { createHash } from 'node:crypto'
import type { KindDefinition, KindVersion } from '../kinds/types.ts'
import { Components, type Dialect, type SchemaObject } from './components.ts'
import { PathWriter } from './paths.ts'
import { groupVersionPath, type OpenapiSource } from './source.ts'

/** A finished document. */
export interface OpenapiDocument {
  /** The document as JSON. */
  readonly json: string
  /** SHA-512 of the text, in capital hexadecimal digits, as the index and ETag headers carry it. */
  readonly hash: string
}

/** One version of a kind, together with the kind. */
interface Served {
  readonly definition: KindDefinition
  readonly version: KindVersion
}

interface Cache {
  revision: string | number
  groups: Map<string, Served[]>
  /** Documents of single group versions; kept across revisions as long as their kinds are the same. */
  readonly documents: Map<string, { readonly served: readonly Served[]; readonly document: OpenapiDocument }>
  index: OpenapiDocument | undefined
  v2: OpenapiDocument | undefined
}

const caches = new WeakMap<OpenapiSource, Cache>()

/**
 * `GET /openapi/v3`: where the document of each group version is. The addresses carry a hash, so that clients keep what
 * they have as long as it is the same.
 */
export function openapiV3Index(source: OpenapiSource): OpenapiDocument {
  const cache = cacheOf(source)
  if (cache.index === undefined) {
    const paths: Record<string, { serverRelativeURL: string }> = {}
    for (const path of [...cache.groups.keys()].sort()) {
      const hash = openapiV3Document(path, source)?.hash
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }
    }
    cache.index = finished({ paths })
  }
  return cache.index
}

/**
 * `GET /openapi/v3/{path}`: the schemas and paths of one group version.
 *
 * @param path `api/v1`, `apis/apps/v1`.
 * @returns undefined when the group version is not served.
 */
export function openapiV3Document(path: string, source: OpenapiSource): OpenapiDocument | undefined {
  const cache = cacheOf(source)
  const served = cache.groups.get(path)
  if (served === undefined) return undefined
  const kept = cache.documents.get(path)
  if (kept !== undefined && sameKinds(kept.served, served)) return kept.document
  const { schemas, paths } = write(source, 'v3', served)
  const document = finished({
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: source.version },
    paths,
    components: { schemas, securitySchemes: { BearerToken: bearerToken } },
    security: [{ BearerToken: [] }],
  })
  cache.documents.set(path, { served, document })
  return document
}

/** `GET /openapi/v2`: everything in one document, for older clients. Made at its first request. */
export function openapiV2(source: OpenapiSource): OpenapiDocument {
  const cache = cacheOf(source)
  if (cache.v2 === undefined) {
    const { schemas, paths } = write(source, 'v2', [...cache.groups.values()].flat())
    cache.v2 = finished({
      swagger: '2.0',
      info: { title: 'Kubernetes', version: source.version },
      paths,
      definitions: schemas,
      securityDefinitions: { BearerToken: bearerToken },
      security: [{ BearerToken: [] }],
    })
  }
  return cache.v2
}

const bearerToken = { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' }

function write(
  source: OpenapiSource,
  dialect: Dialect,
  served: readonly Served[],
): { schemas: Record<string, SchemaObject>; paths: Record<string, SchemaObject> } {
  const components = new Components(source, dialect)
  const paths: Record<string, SchemaObject> = {}
  const writer = new PathWriter(components, dialect, paths)
  for (const { definition, version } of served) {
    writer.add(definition, version, components.addKind(definition, version.version))
  }
  return { schemas: components.schemas, paths }
}

function cacheOf(source: OpenapiSource): Cache {
  let cache = caches.get(source)
  if (cache === undefined) {
    cache = { revision: '', groups: new Map(), documents: new Map(), index: undefined, v2: undefined }
    caches.set(source, cache)
  } else if (cache.revision === source.revision) return cache
  cache.revision = source.revision
  cache.groups = groupsOf(source)
  cache.index = undefined
  cache.v2 = undefined
  for (const path of cache.documents.keys()) if (!cache.groups.has(path)) cache.documents.delete(path)
  return cache
}

function groupsOf(source: OpenapiSource): Map<string, Served[]> {
  const groups = new Map<string, Served[]>()
  for (const definition of source.kinds()) {
    for (const version of definition.versions) {
      const path = groupVersionPath(definition.group, version.version)
      const list = groups.get(path)
      if (list === undefined) groups.set(path, [{ definition, version }])
      else list.push({ definition, version })
    }
  }
  return groups
}

function sameKinds(a: readonly Served[], b: readonly Served[]): boolean {
  return (
    a.length === b.length && a.every((one, i) => one.definition === b[i]!.definition && one.version === b[i]!.version)
  )
}

function finished(document: unknown): OpenapiDocument {
  const json = JSON.stringify(document)
  return { json, hash: createHash('sha512').update(json).digest('hex').toUpperCase() }
}
