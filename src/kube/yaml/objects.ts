import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import type { KubeObject } from '../object.ts'
import { parseYamlStream, type YamlOptions } from './parse.ts'

/**
 * The Kubernetes objects of a YAML or JSON stream, with `List` kinds taken apart (at any depth). Each has apiVersion,
 * kind and metadata.name (or generateName).
 *
 * @throws SluiceError E_KUBE_OBJECT naming the document and the field; those of `parseYamlStream` for unreadable text.
 */
export function parseObjects(input: string | Uint8Array, options: YamlOptions = {}): KubeObject[] {
  const objects: KubeObject[] = []
  for (const { value, line } of parseYamlStream(input, options)) {
    collect(value, options.source === undefined ? `document at line ${line}` : `${options.source}:${line}`, objects, 0)
  }
  return objects
}

/** Checks one parsed value and gives it back as an object. `where` is what errors call it. */
export function asKubeObject(value: unknown, where: string): KubeObject {
  if (!isObject(value)) throw bad(where, 'a mapping with apiVersion, kind and metadata', describe(value))
  for (const field of ['apiVersion', 'kind']) {
    const text = value[field]
    if (typeof text !== 'string' || text === '') throw bad(where, `a text in ${field}`, describe(text))
  }
  const metadata = value['metadata']
  if (!isObject(metadata)) throw bad(where, 'a mapping in metadata', describe(metadata))
  const { name, generateName } = metadata
  if (typeof name === 'string' && name !== '') return value as KubeObject
  if (name === undefined && typeof generateName === 'string' && generateName !== '') return value as KubeObject
  throw bad(`${where} (${String(value['kind'])})`, 'a text in metadata.name', describe(name))
}

function collect(value: unknown, where: string, into: KubeObject[], depth: number): void {
  // As kubectl's builder has it: a kind that ends in List and has items is a list, whatever its group.
  if (isObject(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List') && depth < 10) {
    const items = value['items']
    if (Array.isArray(items)) {
      for (const [i, item] of items.entries()) collect(item, `${where} items[${i}]`, into, depth + 1)
      return
    }
    if (items === null || (items === undefined && value['kind'] === 'List')) return
  }
  into.push(asKubeObject(value, where))
}

function bad(object: string, expected: string, seen: string): SluiceError {
  return new SluiceError('E_KUBE_OBJECT', { object, expected, seen })
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'a mapping'
  return typeof value === 'string' ? (value === '' ? 'an empty text' : 'a text') : `a ${typeof value}`
}
