import { Failure } from '../failure.ts'
import { wrongKind } from '../wrong-kind.ts'
import {
  isEmptyMapping,
  isMissingOrNull,
  isNull,
  type Mapping,
  Scalar,
  Sequence,
  scalarText,
  type YamlNode,
} from '../yaml/node.ts'
import { resolvePlain } from '../yaml/resolve.ts'
import { untagged } from '../yaml/scalars.ts'
import { takeDirective } from './directive.ts'
import { appendElements, findElement, setElement } from './elements.ts'
import type { MergeSchema, MergeSchemas } from './merge-schema.ts'

/**
 * Merges a strategic merge patch into an object as kyaml's `merge2` does: null removes, mappings merge, lists merge
 * where the schema names keys and are replaced elsewhere; items that only the patch has come first.
 * The patch is used up: its nodes become part of the result and its `$patch` directives are taken out.
 *
 * @returns the merged object; undefined when the patch deletes it
 */
export function strategicMerge(object: Mapping, patch: Mapping, schemas: MergeSchemas): Mapping | undefined {
  const directive = patch.get('$patch')
  // kyaml makes the patch the result here and then goes on with the object that it has, so nothing changes.
  if (scalarText(directive) === 'replace') return object
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
    for (const side of [from, patch])
      if (side?.kind === 'mapping') for (const name of side.fields.keys()) names.add(name)
    for (const name of names) {
      const own = from?.kind === 'mapping' ? from.get(name) : undefined
      const other = patch?.kind === 'mapping' ? patch.get(name) : undefined
      // A null that only the object has is not touched.
      if (other === undefined && isNull(own)) continue
      const merged = this.merge(own, other, schema?.field(name))
      if (merged === undefined || isNull(merged)) target.delete(name)
      else target.set(name, styled(merged, target.get(name)))
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

  /** A list of mappings, merged by keys, step by step as kyaml does it: what it does with odd lists follows from that. */
  #keyed([dest, patch]: [Sequence | undefined, Sequence | undefined], target: Sequence, schema: MergeSchema): Node {
    const added = new Sequence()
    const all = valuesOf([patch, dest], schema.keys)
    if (schema.keys.length > 1) unifyValues(all)
    const used = usedKeys(schema.keys, all)
    const keys = used.map(i => schema.keys[i]!)
    for (const values of all) {
      const wanted = used.map(i => values[i]!)
      const own = usedKeys(schema.keys, [values])
      const names = own.map(i => schema.keys[i]!)
      const texts = own.map(i => values[i]!)
      const merged = this.merge(findElement(target, names, texts), findElement(patch, names, texts), schema.items)
      if (merged === undefined || isMissingOrNull(merged) || isEmptyMapping(merged)) {
        setElement(target, undefined, keys, wanted)
        continue
      }
      for (const [i, key] of keys.entries()) {
        if (merged.kind === 'mapping' && !merged.fields.has(key) && wanted[i] !== '')
          merged.set(key, untagged(wanted[i]!))
      }
      setElement(added, merged, keys, wanted)
    }
    if (all.length === 0) return target
    appendElements(added, target, keys)
    return added
  }
}

/** A scalar that replaces another keeps that one's quotes: `5` over `"3"` is the string `"5"`. */
function styled(node: YamlNode, replaced: Node): YamlNode {
  if (node === replaced || node.kind !== 'scalar' || replaced?.kind !== 'scalar') return node
  if (replaced.plain) return node.tag === 'str' ? new Scalar(node.value) : new Scalar(node.value, node.tag, true)
  // In quotes a value with the tag of its own text loses the tag; other tags would be printed, and stay.
  return resolvePlain(node.value) === node.tag ? new Scalar(node.value) : node
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
  return target
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

/** The indexes of the keys for which any of the value lists has a value; all when none has. */
function usedKeys(keys: readonly string[], lists: readonly (readonly string[])[]): number[] {
  const used = [...keys.keys()].filter(i => lists.some(values => values[i] !== ''))
  return used.length === 0 ? [...keys.keys()] : used
}

/** Values that differ only where one is empty mean the same item: a port without protocol is the one with it. */
function unifyValues(lists: string[][]): void {
  for (let i = 0; i < lists.length; i++) {
    const first = lists[i]!
    for (let j = 0; j < lists.length; j++) {
      const second = lists[j]!
      const common = first.some((value, k) => value === second[k])
      if (!common || first.some((value, k) => value !== second[k] && value !== '' && second[k] !== '')) continue
      const both = first.map((value, k) => (value === '' ? second[k]! : value))
      lists[i] = both
      lists[j] = both
    }
  }
}

function mustBe(kind: YamlNode['kind'], ...nodes: Node[]): void {
  for (const node of nodes) {
    if (node !== undefined && !isNull(node) && node.kind !== kind) {
      throw new Failure(wrongKind(`${kind[0]!.toUpperCase()}${kind.slice(1)}Node`, node))
    }
  }
}
