import { Failure } from '../failure.ts'
import { goJson } from '../yaml/go-json.ts'
import { cloneNode, Mapping, nullNode, Scalar, scalarText, type YamlNode } from '../yaml/node.ts'
import { printFloat } from '../yaml/numbers.ts'
import { parseDocuments, YamlSyntaxError } from '../yaml/parse.ts'
import { boolOf11, intOf, isBool11, timestampOf } from '../yaml/resolve.ts'

/** One operation of RFC 6902. */
export interface Operation {
  readonly op: string
  readonly path: string | undefined
  readonly from: string | undefined
  readonly value: YamlNode | undefined
}

/** Reads a list of operations from JSON or YAML. @throws Failure when it is none */
export function parseJsonPatch(source: string): Operation[] {
  let documents: YamlNode[]
  // What starts with a bracket must be JSON and not YAML in its flow style.
  if (source.startsWith('[')) mustBeJson(source)
  try {
    documents = parseDocuments(source)
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw new Failure(error.message, 'E_KUSTOMIZE_YAML')
    throw error
  }
  const root = documents[0]
  if (root === undefined) return []
  if (root.kind !== 'sequence') {
    throw new Failure('json: cannot unmarshal object into Go value of type jsonpatch.Patch', 'E_KUSTOMIZE_YAML')
  }
  return root.items.map(item => {
    if (item.kind !== 'mapping') {
      throw new Failure('json: cannot unmarshal string into Go value of type jsonpatch.Operation', 'E_KUSTOMIZE_YAML')
    }
    const part = (name: string): string | undefined => {
      const node = item.get(name)
      return node === undefined || (node.kind === 'scalar' && node.tag === 'null') ? undefined : scalarText(node)
    }
    const value = item.get('value')
    return { op: part('op') ?? '', path: part('path'), from: part('from'), value: value && normal(value) }
  })
}

function mustBeJson(source: string): void {
  try {
    JSON.parse(source)
  } catch {
    // The engine's own message quotes the text, which may hold a secret.
    throw new Failure('the patch starts with a bracket and is not valid JSON', 'E_KUSTOMIZE_YAML')
  }
}

/**
 * Applies operations to a copy of an object. The result has gone through JSON, as in kustomize: timestamps are strings
 * and integers beyond 2^53 are rounded. (Values of the operations have gone through YAML 1.1: a bare `yes` is true.)
 *
 * @throws Failure in the words of the library that kustomize uses (evanphx/json-patch)
 */
export function applyJsonPatch(object: Mapping, operations: readonly Operation[]): Mapping {
  const holder = new Mapping(new Map([['', throughJson(cloneNode(object))]]))
  for (const operation of operations) apply(holder, operation)
  const result = holder.get('')
  if (result?.kind !== 'mapping') throw new Failure('the patched object is no mapping')
  return result
}

/** Scalars as they are after go-yaml v3 turned them into JSON. Works in place. */
function throughJson<T extends YamlNode>(node: T): YamlNode {
  if (node.kind === 'sequence') node.items = node.items.map(throughJson)
  else if (node.kind === 'mapping') for (const [key, value] of node.fields) node.fields.set(key, throughJson(value))
  else if (node.tag === 'timestamp') return new Scalar(timestampOf(node.value) ?? node.value)
  else if (node.tag === 'null' && !node.plain) return new Scalar('')
  else if (node.tag === 'str') node.plain = false
  else if (node.tag === 'int') return rounded(node)
  return node
}

/** JSON readers of Go hold numbers as float64. */
function rounded(node: Scalar): Scalar {
  const exact = intOf(node.value.replaceAll('_', '')) ?? 0n
  const value = Number(exact)
  return new Scalar(printFloat(value), 'int', true)
}

/** Scalars as they are after YAML 1.1 turned them into JSON. Works in place. */
function normal(node: YamlNode): YamlNode {
  if (node.kind === 'sequence') node.items = node.items.map(normal)
  else if (node.kind === 'mapping') for (const [key, value] of node.fields) node.fields.set(key, normal(value))
  else if (node.plain && node.tag === 'str' && isBool11(node.value))
    return new Scalar(String(boolOf11(node.value)), 'bool', true)
  else if (node.tag === 'str') node.plain = false
  else if (node.tag === 'timestamp') return new Scalar(node.value)
  else if (node.tag === 'int') return rounded(node)
  return node
}

function apply(holder: Mapping, operation: Operation): void {
  const { op } = operation
  switch (op) {
    case 'add':
      add(holder, need(operation.path, op, 'path'), cloneNode(operation.value ?? nullNode()))
      return
    case 'remove':
      remove(holder, need(operation.path, op, 'path'), 'remove')
      return
    case 'replace':
      replace(holder, need(operation.path, op, 'path'), cloneNode(operation.value ?? nullNode()))
      return
    case 'move': {
      const from = need(operation.from, op, 'from')
      const path = need(operation.path, op, 'path')
      add(holder, path, remove(holder, from, 'move'))
      return
    }
    case 'copy': {
      const from = need(operation.from, op, 'from')
      const value = get(holder, from, 'copy') ?? nullNode()
      add(holder, need(operation.path, op, 'path'), cloneNode(value))
      return
    }
    case 'test':
      test(holder, need(operation.path, op, 'path'), operation.value ?? nullNode())
      return
    default:
      throw new Failure(`Unexpected kind: ${op === '' ? 'unknown' : op}`)
  }
}

function need(part: string | undefined, op: string, name: string): string {
  if (part !== undefined) return part
  throw new Failure(`${op} operation failed to decode ${name}: operation missing ${name} field: missing value`)
}

/** The collection that holds what a pointer leads to, and the last step. */
function parentOf(holder: Mapping, pointer: string): [YamlNode | undefined, string] {
  if (pointer === '') return [holder, '']
  const steps = pointer.split('/').map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = steps.pop()!
  let here: YamlNode | undefined = holder
  // A pointer starts with '/', so its first step is '', the key of the document in its holder.
  for (const step of steps) here = child(here, step)
  return [here, last]
}

function child(node: YamlNode | undefined, step: string): YamlNode | undefined {
  if (node?.kind === 'mapping') return node.get(step)
  if (node?.kind !== 'sequence' || !/^-?[0-9]+$/.test(step)) return undefined
  return node.items.at(Number(step))
}

function get(holder: Mapping, pointer: string, op: string): YamlNode | undefined {
  const [parent, key] = parentOf(holder, pointer)
  if (parent === undefined || parent.kind === 'scalar') throw missing(op, pointer)
  return child(parent, key)
}

function missing(op: string, pointer: string): Failure {
  return new Failure(`${op} operation does not apply: doc is missing path: "${pointer}": missing value`)
}

function add(holder: Mapping, pointer: string, value: YamlNode): void {
  const [parent, key] = parentOf(holder, pointer)
  if (parent?.kind === 'mapping') {
    parent.set(key, value)
    return
  }
  if (parent?.kind !== 'sequence') throw missing('add', pointer)
  if (key === '-') {
    parent.items.push(value)
    return
  }
  const index = indexOf(key, parent.items.length + 1, 'add', pointer)
  parent.items.splice(index, 0, value)
}

function replace(holder: Mapping, pointer: string, value: YamlNode): void {
  const [parent, key] = parentOf(holder, pointer)
  if (parent === undefined || parent.kind === 'scalar') throw missing('replace', pointer)
  if (parent.kind === 'mapping') {
    // The library's `replace` adds a key that is missing.
    parent.set(key, value)
    return
  }
  if (child(parent, key) === undefined) {
    throw new Failure(`replace operation does not apply: doc is missing key: ${pointer}: missing value`)
  }
  parent.items[indexOf(key, parent.items.length, 'replace', pointer)] = value
}

function remove(holder: Mapping, pointer: string, op: string): YamlNode {
  const [parent, key] = parentOf(holder, pointer)
  if (parent === undefined || parent.kind === 'scalar') throw missing(op, pointer)
  if (parent.kind === 'mapping') {
    const old = parent.get(key)
    if (old === undefined) {
      throw new Failure(
        `error in remove for path: '${pointer}': Unable to remove nonexistent key: ${key}: missing value`,
      )
    }
    parent.delete(key)
    return old
  }
  const index = indexOf(key, parent.items.length, op, pointer)
  return parent.items.splice(index, 1)[0]!
}

/** The index of a step; negative ones count from the end, as the library does. */
function indexOf(step: string, size: number, op: string, pointer: string): number {
  const index = /^-?[0-9]+$/.test(step) ? Number(step) : Number.NaN
  if (Number.isNaN(index))
    throw new Failure(
      `error in ${op} for path: '${pointer}': value was not a proper array index: '${step}': strconv.Atoi: parsing "${step}": invalid syntax`,
    )
  if (index >= size || index < -size) {
    throw new Failure(
      `error in ${op} for path: '${pointer}': Unable to access invalid index: ${step}: invalid index referenced`,
    )
  }
  return index < 0 ? index + size : index
}

function test(holder: Mapping, pointer: string, wanted: YamlNode): void {
  const found = get(holder, pointer, 'test')
  const same = goJson(found ?? nullNode()) === goJson(wanted)
  if (!same) throw new Failure(`testing value ${pointer} failed: test failed`)
}
