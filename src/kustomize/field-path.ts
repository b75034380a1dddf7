import { Failure } from './failure.ts'
import { goRegExp } from './go-regexp.ts'
import { wrongKind } from './wrong-kind.ts'
import { Mapping, Scalar, Sequence, scalarText, type YamlNode } from './yaml/node.ts'
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
export function getAt(root: YamlNode, rawPath: readonly string[]): YamlNode | undefined {
  let here: YamlNode | undefined = root
  for (const raw of rawPath) {
    const step = raw.trim()
    if (step !== '' && here !== undefined) here = stepInto(here, step)
  }
  return here
}

function stepInto(node: YamlNode, step: string): YamlNode | undefined {
  if (isIndex(step) || step === '-') return items(node).items.at(step === '-' ? -1 : Number(step))
  if (!isListEntry(step)) return fieldsOf(node)?.get(step)
  const [key, value] = entryOf(step)
  return items(node).items.find(item =>
    key === ''
      ? scalarText(item) === value
      : item.kind === 'mapping' && item.fields.has(key) && scalarText(item.get(key)) === value,
  )
}

/** What must be made for a step so that the next one fits in. */
function kindFor(next: string | undefined, leaf: YamlNode['kind']): YamlNode['kind'] {
  if (next === undefined) return leaf
  return isListEntry(next) || isIndex(next) ? 'sequence' : 'mapping'
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

/**
 * All nodes that match a path: `*` is every item, `[key=pattern]` the items whose field matches a pattern. With
 * `create`, what is missing is made on the way, down to a leaf of that kind.
 */
export function matchAll(root: YamlNode, path: readonly string[], create?: YamlNode['kind']): Slot[] {
  return match({ node: root, set: () => {} }, path, create)
}

function match(here: Slot, path: readonly string[], create: YamlNode['kind'] | undefined): Slot[] {
  if (path.length === 0) return [here]
  const [step, ...rest] = path as [string, ...string[]]
  const { node } = here
  if (isIndex(step)) {
    const list = items(node)
    const index = Number(step)
    if (index === list.items.length && create !== undefined) list.items.push(made(kindFor(rest[0], create)))
    if (index >= list.items.length) {
      throw new Failure(`index ${index} specified but only ${list.items.length} elements found`)
    }
    return match(itemSlot(list, index), rest, create)
  }
  if (step === '*') {
    const list = items(node)
    return list.items.flatMap((_item, i) => match(itemSlot(list, i), rest, create))
  }
  if (isListEntry(step)) return matchEntries(items(node), step, rest, create)
  const mapping = fieldsOf(node)
  if (mapping === undefined) return []
  if (!mapping.fields.has(step)) {
    if (create === undefined) return []
    mapping.set(step, made(kindFor(rest[0], create)))
  }
  return match(fieldSlot(mapping, step), rest, create)
}

function matchEntries(
  list: Sequence,
  step: string,
  rest: readonly string[],
  create: YamlNode['kind'] | undefined,
): Slot[] {
  const [key, pattern] = entryOf(step)
  const expression = goRegExp(pattern)
  const found = list.items.flatMap((item, i) => {
    if (key === '') return expression.test(scalarText(item)) ? [itemSlot(list, i)] : []
    const field = item.kind === 'mapping' ? item.get(key) : undefined
    return field !== undefined && expression.test(scalarText(field)) ? match(itemSlot(list, i), rest, create) : []
  })
  if (found.length > 0 || create === undefined) return found
  list.items.push(key === '' ? untagged(pattern) : new Mapping(new Map([[key, untagged(pattern)]])))
  return matchEntries(list, step, rest, undefined).length > 0 || rest.length > 0
    ? match(itemSlot(list, list.items.length - 1), key === '' ? [] : rest, create)
    : []
}
