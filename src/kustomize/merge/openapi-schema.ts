import { isObject } from '../../base/json.ts'
import { jsonOf } from '../decode.ts'
import { Failure } from '../failure.ts'
import { apiVersionOf } from '../resid.ts'
import type { Scopes } from '../scope.ts'
import { parseDocuments, YamlSyntaxError } from '../yaml/parse.ts'
import type { MergeSchema, MergeSchemas } from './merge-schema.ts'

type Definition = Readonly<Record<string, unknown>>

/** Reads an OpenAPI document (`openapi.path`): merge keys from its definitions, scopes from its paths. */
export function parseOpenApi(source: string): { schemas: MergeSchemas; scopes: Scopes } {
  let root: unknown
  try {
    const node = parseDocuments(source)[0]
    root = node === undefined ? undefined : jsonOf(node)
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw new Failure(error.message, 'E_KUSTOMIZE_YAML')
    throw error
  }
  if (!isObject(root)) throw new Failure('invalid schema file: it is no OpenAPI document', 'E_KUSTOMIZE_YAML')
  const definitions = isObject(root['definitions']) ? root['definitions'] : {}
  const kinds = new Map<string, Definition>()
  for (const definition of Object.values(definitions)) {
    if (!isObject(definition)) continue
    const list = definition['x-kubernetes-group-version-kind']
    for (const gvk of Array.isArray(list) ? list : []) {
      const key = typeKey(gvk)
      if (key !== undefined) kinds.set(key, definition)
    }
  }
  const reader = new Reader(definitions)
  return {
    schemas: {
      of: (apiVersion, kind) => {
        const definition = kinds.get(`${apiVersion}\0${kind}`)
        return definition === undefined ? undefined : reader.schema(definition)
      },
    },
    scopes: scopesOf(isObject(root['paths']) ? root['paths'] : {}),
  }
}

function typeKey(gvk: unknown): string | undefined {
  if (!isObject(gvk) || typeof gvk['version'] !== 'string' || typeof gvk['kind'] !== 'string') return undefined
  const group = typeof gvk['group'] === 'string' ? gvk['group'] : ''
  return `${apiVersionOf({ group, version: gvk['version'] })}\0${gvk['kind']}`
}

/** A kind is namespaced when any of its paths has a namespace. */
function scopesOf(paths: Record<string, unknown>): Scopes {
  const namespaced = new Map<string, boolean>()
  for (const [path, item] of Object.entries(paths)) {
    const get = isObject(item) ? item['get'] : undefined
    const key = isObject(get) ? typeKey(get['x-kubernetes-group-version-kind']) : undefined
    if (key === undefined) continue
    if (path.includes('namespaces/{namespace}')) namespaced.set(key, true)
    else if (!namespaced.has(key)) namespaced.set(key, false)
  }
  return { isClusterScoped: gvk => namespaced.get(`${apiVersionOf(gvk)}\0${gvk.kind}`) === false }
}

class Reader {
  readonly #definitions: Record<string, unknown>
  readonly #made = new Map<Definition, MergeSchema>()

  constructor(definitions: Record<string, unknown>) {
    this.#definitions = definitions
  }

  schema(definition: Definition): MergeSchema {
    const known = this.#made.get(definition)
    if (known !== undefined) return known
    const strategy = definition['x-kubernetes-patch-strategy']
    const schema: MergeSchema = {
      merges: typeof strategy === 'string' && strategy.split(',').includes('merge'),
      keys: keysOf(definition),
      field: name => this.#field(definition, name),
      items: undefined,
    }
    const items = this.#resolve(definition['items'])
    this.#made.set(definition, schema)
    return items === undefined ? schema : this.#withItems(definition, schema, items)
  }

  #withItems(definition: Definition, schema: MergeSchema, items: Definition): MergeSchema {
    const reader = this
    const whole: MergeSchema = {
      ...schema,
      get items() {
        return reader.schema(items)
      },
    }
    this.#made.set(definition, whole)
    return whole
  }

  #field(definition: Definition, name: string): MergeSchema | undefined {
    const properties = definition['properties']
    let found: Definition | undefined
    if (isObject(properties) && Object.hasOwn(properties, name)) found = this.#resolve(properties[name])
    else if (isObject(definition['additionalProperties'])) found = this.#resolve(definition['additionalProperties'])
    return found === undefined ? undefined : this.schema(found)
  }

  /** Follows `$ref`s; what stands beside one is dropped, as kyaml does, except the patch extensions of lists. */
  #resolve(value: unknown): Definition | undefined {
    let here = value
    for (let i = 0; i < 50 && isObject(here); i++) {
      const ref = here['$ref']
      if (typeof ref !== 'string') return here
      here = this.#definitions[ref.replace(/^#\/definitions\//, '')]
    }
    return undefined
  }
}

function keysOf(definition: Definition): string[] {
  const list = definition['x-kubernetes-list-map-keys']
  if (Array.isArray(list)) return list.filter(key => typeof key === 'string')
  const key = definition['x-kubernetes-patch-merge-key']
  return typeof key === 'string' ? [key] : []
}
