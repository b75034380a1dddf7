import { Failure } from '../failure.ts'
import { wrongKind } from '../wrong-kind.ts'
import {
  isEmptyMapping,
  isMissingOrNull,
  isNull,
  Mapping,
  Scalar,
  scalarText,
  Sequence,
  type YamlNode,
} from '../yaml/node.ts'
import { untagged } from '../yaml/scalars.ts'
import { takeDirective } from './directive.ts'
import type { MergeSchema, MergeSchemas } from './merge-schema.ts'

/**
 * Merges a strategic merge patch into an object as kyaml's `merge2` does: null removes, mappings merge, lists merge
 * where the schema names keys and are replaced elsewhere; items that only the patch has come first.
 * The patch is used up: its nodes become part of the result and its `$patch` directives are taken out.
 *
 * @returns the merged object; undefined when the patch deletes it
 */
export function strategicMerge(object: Mapping, patch: Mapping, schemas: MergeSchemas): Mapping | undefined {
  const merged = new Merger(schemas).merge(object, patch, undefined)
  return merged?.kind === 'mapping' ? merged : undefined
}

type Node = YamlNode | undefined

class Merger {
  readonly #schemas: MergeSchemas

  constructor(schemas: MergeSchemas) {
    this.#schemas = schemas
  }

  merge(dest: Node, patch: Node, outer: MergeSchema | undefined): Node {
    const schema = outer ?? this.#schemaOf(dest) ?? this.#schemaOf(patch)
    const kind = !isMissingOrNull(dest) ? dest!.kind : !isMissingOrNull(patch) ? patch!.kind : undefined
    switch (kind) {
      case 'sequence':
        mustBe('sequence', dest, patch)
        return schema?.merges === true ? this.#list(dest as Sequence, patch as Sequence, schema) : (patch ?? dest)
      case 'scalar':
        mustBe('scalar', dest, patch)
        return patch ?? dest
      default:
        mustBe('mapping', dest, patch)
        return this.#mapping(dest, patch, schema)
    }
  }

  #schemaOf(node: Node): MergeSchema | undefined {
    if (node?.kind !== 'mapping') return undefined
    const kind = scalarText(node.get('kind'))
    const apiVersion = scalarText(node.get('apiVersion'))
    return kind === '' || apiVersion === '' ? undefined : this.#schemas.of(apiVersion, kind)
  }

  #mapping(dest: Node, patch: Node, schema: MergeSchema | undefined): Node {
    let target: Node
    if (isMissingOrNull(dest)) target = takeDirective(patch) === 'delete' ? undefined : patch
    else if (isNull(patch)) target = undefined
    else {
      const directive = takeDirective(patch)
      target = directive === 'delete' ? undefined : directive === 'replace' ? patch : dest
    }
    if (target === undefined || target.kind !== 'mapping') return target
    const from = target === dest ? dest : patch
    const names = new Set<string>()
    for (const side of [from, patch]) if (side?.kind === 'mapping') for (const name of side.fields.keys()) names.add(name)
    for (const name of names) {
      const own = from?.kind === 'mapping' ? from.get(name) : undefined
      const other = patch?.kind === 'mapping' ? patch.get(name) : undefined
      const merged = this.merge(own, other, schema?.field(name))
      if (isMissingOrNull(merged)) target.delete(name)
      else target.set(name, merged!)
    }
    return target
  }

  #list(dest: Sequence | undefined, patch: Sequence | Scalar | undefined, schema: MergeSchema): Node {
    let target: Node
    if (isMissingOrNull(dest)) target = patch
    else if (isNull(patch)) target = undefined
    else {
      const directive = takeDirective(patch)
      target = directive === 'delete' ? undefined : directive === 'replace' ? patch : dest
    }
    if (target === undefined || target.kind !== 'sequence') return target
    const from = target === dest ? dest : patch
    const sides = [from, patch].map(side => (side?.kind === 'sequence' ? side : undefined)) as [
      Sequence | undefined,
      Sequence | undefined,
    ]
    return schema.keys.length > 0 ? this.#keyed(sides, target, schema) : primitives(sides, target)
  }

  /** A list of mappings, merged by keys: the patch's items in its order, then the others in theirs. */
  #keyed([dest, patch]: [Sequence | undefined, Sequence | undefined], target: Sequence, schema: MergeSchema): Node {
    const { keys } = schema
    const result: YamlNode[] = []
    const removed: [readonly string[], readonly string[]][] = []
    let lastKeys: readonly string[] = keys
    for (const values of valuesOf([patch, dest], keys)) {
      const [names, wanted] = usable(keys, values)
      lastKeys = names
      const merged = this.merge(find(dest, names, wanted), find(patch, names, wanted), schema.items)
      if (isMissingOrNull(merged) || isEmptyMapping(merged)) {
        removed.push([names, wanted])
        target.items = without(target.items, names, wanted)
        continue
      }
      for (const [i, name] of names.entries()) {
        if (merged!.kind === 'mapping' && !merged!.fields.has(name)) merged!.set(name, untagged(wanted[i]!))
      }
      put(result, merged!, names, wanted)
    }
    // Items without any key are kept behind the others, when there is one key to tell them by.
    if (lastKeys.length === 1) {
      for (const item of target.items) {
        if (item.kind === 'mapping' && !item.fields.has(lastKeys[0]!)) result.push(item)
      }
    }
    return result.length === 0 ? undefined : new Sequence(result)
  }
}

/** A merging list of scalars: the patch's values, then the others, each once. */
function primitives([dest, patch]: [Sequence | undefined, Sequence | undefined], target: Sequence): Node {
  const seen = new Set<string>()
  const items: YamlNode[] = []
  for (const side of [patch, dest]) {
    for (const item of side?.items ?? []) {
      const value = scalarText(item)
      if (seen.has(value)) continue
      seen.add(value)
      items.push(item)
    }
  }
  target.items = items
  return items.length === 0 ? undefined : target
}

/** The values of the keys in every item of both lists, each combination once. */
function valuesOf(sides: readonly (Sequence | undefined)[], keys: readonly string[]): string[][] {
  const seen = new Set<string>()
  const result: string[][] = []
  for (const side of sides) {
    for (const item of side?.items ?? []) {
      if (item.kind !== 'mapping') continue
      const values = keys.map(key => scalarText(item.get(key)))
      const id = values.join('\0')
      if (seen.has(id)) continue
      seen.add(id)
      result.push(values)
    }
  }
  return result
}

/** The keys that have a value; all when none has. */
function usable(keys: readonly string[], values: readonly string[]): [readonly string[], readonly string[]] {
  const names = keys.filter((_key, i) => values[i] !== '')
  return names.length === 0 ? [keys, values] : [names, values.filter(value => value !== '')]
}

function matches(item: YamlNode, keys: readonly string[], values: readonly string[]): boolean {
  return (
    item.kind === 'mapping' &&
    keys.every((key, i) => item.fields.has(key) && scalarText(item.get(key)) === values[i])
  )
}

function find(list: Sequence | undefined, keys: readonly string[], values: readonly string[]): Node {
  return list?.items.find(item => matches(item, keys, values))
}

function without(items: readonly YamlNode[], keys: readonly string[], values: readonly string[]): YamlNode[] {
  return items.filter(item => !matches(item, keys, values))
}

/** Puts an item in the place of the one with its keys, or at the end. */
function put(items: YamlNode[], item: YamlNode, keys: readonly string[], values: readonly string[]): void {
  const at = items.findIndex(other => matches(other, keys, values))
  if (at < 0) items.push(item)
  else items[at] = item
}

function mustBe(kind: YamlNode['kind'], ...nodes: Node[]): void {
  for (const node of nodes) {
    if (node !== undefined && !isNull(node) && node.kind !== kind) {
      throw new Failure(wrongKind(`${kind[0]!.toUpperCase()}${kind.slice(1)}Node`, node))
    }
  }
}
