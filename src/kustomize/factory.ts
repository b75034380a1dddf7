import { LRUCache } from 'lru-cache'
import { Failure } from './failure.ts'
import { Resource } from './resource.ts'
import { type Mapping, scalarText, type YamlNode } from './yaml/node.ts'
import { parseDocuments, YamlSyntaxError } from './yaml/parse.ts'

/** The annotation of objects that are for tools only and are left out of the result. */
export const localConfigAnnotation = 'config.kubernetes.io/local-config'

/**
 * The objects of a YAML text: the items of lists one by one, each with a kind and a name.
 *
 * @throws Failure with code E_KUSTOMIZE_YAML
 */
export function resourcesFrom(source: string): Resource[] {
  return readResources(source).map(resource => resource.copy())
}

/** Fails as {@link resourcesFrom} does. */
export function checkResources(source: string): void {
  readResources(source)
}

/**
 * What texts were read to, for a few of them: a file is checked before it is built, and bases are built for everybody who
 * uses them. Objects take about a dozen times the room of their text, so the bound stands for some megabytes.
 */
const known = new LRUCache<string, readonly Resource[]>({
  maxSize: 256 * 1024,
  sizeCalculation: (_value, source) => source.length + 1,
})

/** The objects of a text, shared: they must not be changed. */
function readResources(source: string): readonly Resource[] {
  const found = known.get(source)
  if (found !== undefined) return found
  const resources = parseResources(source)
  known.set(source, resources)
  return resources
}

function parseResources(source: string): readonly Resource[] {
  let documents: YamlNode[]
  try {
    documents = parseDocuments(source)
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw new Failure(`MalformedYAMLError: ${error.message}`, 'E_KUSTOMIZE_YAML')
    throw error
  }
  const result: Resource[] = []
  const queue = documents.flatMap(unwrapList)
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i]!
    if (isEmptyNode(node)) continue
    const object = validated(node)
    const kind = scalarText(object.get('kind'))
    const items = kind.endsWith('List') ? object.get('items') : undefined
    if (items === undefined) {
      result.push(new Resource(object))
      continue
    }
    if (items.kind === 'scalar' && items.tag === 'null') continue
    if (items.kind !== 'sequence')
      throw new Failure(
        `expected array in ${kind}/items, but found ${items.kind === 'scalar' ? 'string' : 'map[string]interface {}'}`,
      )
    queue.push(...items.items)
  }
  return result
}

/** kyaml's reader opens `ResourceList` and `List` itself, in place. */
function unwrapList(node: YamlNode): YamlNode[] {
  if (node.kind !== 'mapping') return [node]
  const kind = scalarText(node.get('kind'))
  if (kind !== 'List' && kind !== 'ResourceList') return [node]
  const items = node.get('items')
  return items?.kind === 'sequence' ? items.items : [node]
}

function isEmptyNode(node: YamlNode): boolean {
  if (node.kind === 'scalar') return node.tag === 'null'
  return node.kind === 'mapping' ? node.fields.size === 0 : node.items.length === 0
}

function validated(node: YamlNode): Mapping {
  if (node.kind !== 'mapping') throw new Failure('missing Resource metadata', 'E_KUSTOMIZE_YAML')
  if (node.duplicate !== undefined) throw duplicateKey(node)
  const object = node
  const describe = (): string => {
    const metadata = object.get('metadata')
    const name = metadata?.kind === 'mapping' ? scalarText(metadata.get('name')) : ''
    return `{{${scalarText(object.get('apiVersion'))} ${scalarText(object.get('kind'))}} {{${name} } map[] map[]}}`
  }
  const kind = scalarText(object.get('kind'))
  const metadata = object.get('metadata')
  if (kind === '') throw new Failure(`missing kind in object ${describe()}`, 'E_KUSTOMIZE_YAML')
  if (!kind.endsWith('List') && (metadata?.kind !== 'mapping' || scalarText(metadata.get('name')) === '')) {
    throw new Failure(`missing metadata.name in object ${describe()}`, 'E_KUSTOMIZE_YAML')
  }
  const hole = nullItem(object, '')
  if (hole !== undefined) throw new Failure(`empty item at ${hole} in object ${describe()}`, 'E_KUSTOMIZE_YAML')
  return object
}

/** The path of the first null in a list, if any. */
function nullItem(node: YamlNode, path: string): string | undefined {
  if (node.kind === 'scalar') return undefined
  if (node.kind === 'sequence') {
    for (const [i, item] of node.items.entries()) {
      if (item.kind === 'scalar' && item.tag === 'null') return path
      const found = nullItem(item, `${path}/${i}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (node.duplicate !== undefined) throw duplicateKey(node)
  for (const [key, value] of node.fields) {
    if (value.kind === 'scalar') continue
    const found = nullItem(value, `${path}/${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

function duplicateKey(node: Mapping): Failure {
  const { key, line, firstLine } = node.duplicate!
  return new Failure(`mapping key "${key}" already defined at line ${firstLine} (line ${line})`, 'E_KUSTOMIZE_YAML')
}
