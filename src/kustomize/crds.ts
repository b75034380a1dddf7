import { isObject } from '../base/json.ts'
import { jsonOf } from './decode.ts'
import { Failure } from './failure.ts'
import type { FieldSpec } from './fieldspec.ts'
import type { Loader } from './loader.ts'
import { emptyConfig, mergeConfigs, type NameReference, type TransformerConfig } from './transformer-config.ts'
import { parseDocuments, YamlSyntaxError } from './yaml/parse.ts'

/** Which fields of custom kinds hold names, labels or annotations, from OpenAPI definitions (`crds`). */
export async function configFromCrds(loader: Loader, paths: readonly string[]): Promise<TransformerConfig> {
  let config: TransformerConfig = emptyConfig
  for (const path of paths) {
    const text = await loader.text(path)
    let root: unknown
    try {
      const node = parseDocuments(text)[0]
      root = node === undefined ? {} : jsonOf(node)
    } catch (error) {
      if (!(error instanceof YamlSyntaxError)) throw error
      throw new Failure(
        `loading CRDs [${paths.join(' ')}]: unable to parse open API definition from '${path}': ${error.message}`,
      )
    }
    config = mergeConfigs(config, configOf(isObject(root) ? root : {}))
  }
  return config
}

function configOf(definitions: Record<string, unknown>): TransformerConfig {
  let config: TransformerConfig = emptyConfig
  for (const [name, definition] of Object.entries(definitions)) {
    const properties = propertiesOf(definition)
    if (!['kind', 'apiVersion', 'metadata'].every(field => Object.hasOwn(properties, field))) continue
    const found: Found = { annotations: [], labels: [], names: [], references: [] }
    const kind = name.split('.').at(-1)!
    collect(definitions, name, kind, [], found, new Set())
    config = mergeConfigs(config, {
      ...emptyConfig,
      commonAnnotations: found.annotations,
      commonLabels: found.labels,
      namePrefix: found.names,
      nameReference: found.references,
    })
  }
  return config
}

interface Found {
  readonly annotations: FieldSpec[]
  readonly labels: FieldSpec[]
  readonly names: FieldSpec[]
  readonly references: NameReference[]
}

function propertiesOf(definition: unknown): Record<string, unknown> {
  const schema = isObject(definition) ? (definition['Schema'] ?? definition['schema']) : undefined
  const properties = isObject(schema) ? schema['properties'] : undefined
  return isObject(properties) ? properties : {}
}

function collect(
  definitions: Record<string, unknown>,
  name: string,
  kind: string,
  path: readonly string[],
  found: Found,
  seen: ReadonlySet<string>,
): void {
  // A kind that contains itself would never end.
  if (!Object.hasOwn(definitions, name) || seen.has(name)) return
  for (const [field, property] of Object.entries(propertiesOf(definitions[name]))) {
    if (!isObject(property)) continue
    const here = [...path, field]
    const spec: FieldSpec = { kind, path: here.join('/') }
    if (typeof property['x-kubernetes-annotation'] === 'string') found.annotations.push(spec)
    if (typeof property['x-kubernetes-label-selector'] === 'string') found.labels.push(spec)
    if (typeof property['x-kubernetes-identity'] === 'string') found.names.push(spec)
    const version = property['x-kubernetes-object-ref-api-version']
    const target = property['x-kubernetes-object-ref-kind']
    if (typeof version === 'string' && typeof target === 'string') {
      const key = property['x-kubernetes-object-ref-name-key']
      const nameKey = typeof key === 'string' ? key : 'name'
      found.references.push({ kind: target, version, fieldSpecs: [{ kind, path: [...here, nameKey].join('/') }] })
    }
    if (typeof property['$ref'] === 'string') {
      collect(definitions, property['$ref'], kind, here, found, new Set([...seen, name]))
    }
  }
}
