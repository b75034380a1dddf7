import { Failure } from './failure.ts'
import { goRegExp } from './go-regexp.ts'
import { wrongKind } from './wrong-kind.ts'
import { Mapping, Scalar, scalarText, Sequence, type YamlNode } from './yaml/node.ts'
import { untagged } from './yaml/scalars.ts'

/** A place in a tree that can be read and written. */
export interface Slot {
  readonly node: YamlNode
  set(node: YamlNode): void
}

/**
 * Splits a dotted path: `\.` is a dot, `[name=a.b]` stays one step, and brackets around anything else are dropped
 * (`metadata.annotations.[a.b/c]`).
 */
export function splitFieldPath(path: string): string[] {
  const parts: string[] = []
  const raw = path.split('.')
  for (const part of raw.length > 1 && raw[0] === '' ? raw.slice(1) : raw) {
    const last = parts.at(-1)
    if (last?.endsWith('\\')) parts[parts.length - 1] = `${last.slice(0, -1)}.${part}`
    else parts.push(part)
  }
  const result: string[] = []
  for (let i = 0; i < parts.length; i++) {
    let part = parts[i]!
    if (part.startsWith('[') && !part.endsWith(']')) {
      while (i < parts.length - 1) {
        part += `.${parts[++i]}`
        if (part.endsWith(']')) break
      }
      result.push(part.includes('=') ? part : part.replace(/^[[\]]+|[[\]]+$/g, ''))
    } else result.push(part)
  }
  return result
}

const isIndex = (step: string): boolean => /^[0-9]+$/.test(step)
const isListEntry = (step: string): boolean => step.startsWith('[') && step.endsWith(']')

function entryOf(step: string): [string, string] {
  const inner = step.slice(1, -1)
  const cut = inner.indexOf('=')
  if (cut < 0) throw new Failure('list path element must contain fieldName=fieldValue for element to match')
  return [inner.slice(0, cut), inner.slice(cut + 1)]
}

function items(node: YamlNode): Sequence {
  if (node.kind === 'sequence') return node
  throw new Failure(wrongKind('SequenceNode', node))
}

function fieldsOf(node: YamlNode): Mapping | undefined {
  if (node.kind === 'mapping') return node
  if (node.kind === 'scalar' && node.tag === 'null') return undefined
  throw new Failure(wrongKind('MappingNode', node))
}

/** The one node at a path; `[key=value]` must be equal, `-` is the last item. */
export function getAt(root: YamlNode, path: readonly string[]): YamlNode | undefined {
  return getOrCreate(root, path, undefined)?.node
}

/** The node at a path, made of a kind (with all on the way) when it is missing and `create` is given. */
export function getOrCreate(
  root: YamlNode,
  rawPath: readonly string[],
  create: YamlNode['kind'] | undefined,
): Slot | undefined {
  const path = rawPath.map(step => step.trim()).filter(step => step !== '')
  let here: Slot = { node: root, set: () => {} }
  for (const [i, step] of path.entries()) {
    const next = stepInto(here.node, step, create === undefined ? undefined : kindFor(path[i + 1], create))
    if (next === undefined) return undefined
    here = next
  }
  return here
}

/** What must be made for a step so that the next one fits in. */
function kindFor(next: string | undefined, leaf: YamlNode['kind']): YamlNode['kind'] {
  if (next === undefined) return leaf
  return isListEntry(next) ? 'sequence' : 'mapping'
}

function stepInto(node: YamlNode, step: string, make: YamlNode['kind'] | undefined): Slot | undefined {
  if (isIndex(step) || step === '-') {
    const list = items(node)
    const index = step === '-' ? list.items.length - 1 : Number(step)
    return index < 0 || index >= list.items.length ? undefined : itemSlot(list, index)
  }
  if (isListEntry(step)) {
    const [key, value] = entryOf(step)
    const list = items(node)
    const at = list.items.findIndex(item =>
      key === '' ? scalarText(item) === value : item.kind === 'mapping' && item.fields.has(key) && scalarText(item.get(key)) === value,
    )
    if (at >= 0) return itemSlot(list, at)
    if (make === undefined) return undefined
    list.items.push(key === '' ? untagged(value) : new Mapping(new Map([[key, untagged(value)]])))
    return itemSlot(list, list.items.length - 1)
  }
  const mapping = fieldsOf(node)
  if (mapping === undefined) return undefined
  if (!mapping.fields.has(step)) {
    if (make === undefined) return undefined
    mapping.set(step, made(make))
  }
  return fieldSlot(mapping, step)
}

function made(kind: YamlNode['kind']): YamlNode {
  if (kind === 'mapping') return new Mapping()
  return kind === 'sequence' ? new Sequence() : new Scalar('', '', true)
}

function itemSlot(list: Sequence, index: number): Slot {
  return { node: list.items[index]!, set: node => (list.items[index] = node) }
}

function fieldSlot(mapping: Mapping, key: string): Slot {
  return { node: mapping.get(key)!, set: node => mapping.set(key, node) }
}

/** All nodes that match a path: `*` is every item, `[key=pattern]` the items whose field matches a pattern. */
export function matchAll(root: YamlNode, path: readonly string[]): Slot[] {
  return match({ node: root, set: () => {} }, path)
}

function match(here: Slot, path: readonly string[]): Slot[] {
  if (path.length === 0) return [here]
  const [step, ...rest] = path as [string, ...string[]]
  const { node } = here
  if (isIndex(step)) {
    const list = items(node)
    const index = Number(step)
    if (index >= list.items.length) {
      throw new Failure(`index ${index} specified but only ${list.items.length} elements found`)
    }
    return match(itemSlot(list, index), rest)
  }
  if (step === '*') {
    const list = items(node)
    return list.items.flatMap((_item, i) => match(itemSlot(list, i), rest))
  }
  if (isListEntry(step)) {
    const [key, pattern] = entryOf(step)
    const expression = goRegExp(pattern)
    const list = items(node)
    return list.items.flatMap((item, i) => {
      if (key === '') return expression.test(scalarText(item)) ? [itemSlot(list, i)] : []
      const field = item.kind === 'mapping' ? item.get(key) : undefined
      return field !== undefined && expression.test(scalarText(field)) ? match(itemSlot(list, i), rest) : []
    })
  }
  const mapping = fieldsOf(node)
  if (mapping === undefined || !mapping.fields.has(step)) return []
  return match(fieldSlot(mapping, step), rest)
}

/** The concrete paths of a path with `*`; what is missing behind a wildcard may be made later. */
export function expandWildcards(root: YamlNode | undefined, path: readonly string[]): string[][] {
  if (path.length === 0) return [[]]
  const [step, ...rest] = path as [string, ...string[]]
  if (step !== '*') {
    const next = root === undefined ? undefined : stepInto(root, step, undefined)?.node
    if (next === undefined) {
      const wildcard = rest.indexOf('*')
      return [[step, ...(wildcard < 0 ? rest : rest.slice(0, wildcard))]]
    }
    return expandWildcards(next, rest).map(tail => [step, ...tail])
  }
  if (root?.kind !== 'sequence') throw new Failure('wildcard must target a list')
  return root.items.flatMap((item, i) => expandWildcards(item, rest).map(tail => [String(i), ...tail]))
}
