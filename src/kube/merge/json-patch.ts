import { SluiceError } from '../../base/errors/index.ts'
import { isObject, jsonEqual } from '../../base/json.ts'
import { parsePointer } from './json-pointer.ts'
import { asMap, type JsonMap, setEntry } from './typed/values.ts'

/** An operation of a JSON patch. Only the fields that its `op` needs are read. */
export interface JsonPatchOperation {
  readonly op: string
  /** A JSON pointer to the place that changes. */
  readonly path: string
  /** A JSON pointer to where `move` and `copy` take from. */
  readonly from?: string
  /** What `add`, `replace` and `test` use; absent counts as null. */
  readonly value?: unknown
}

/** The most operations that Kubernetes takes in one patch. */
export const maxOperations = 10_000

/** The most bytes of JSON that the `copy` operations of one patch may add: what Kubernetes takes in one request. */
export const maxCopiedBytes = 3 * 1024 * 1024

/**
 * Checks a parsed JSON patch. Throws E_JSON_PATCH_MALFORMED (Kubernetes: 400) or E_JSON_PATCH_TOO_LARGE (413); the text
 * that Kubernetes answers is in `details.message`. Operations are checked one by one when they are applied.
 */
export function parseJsonPatch(patch: unknown): readonly JsonPatchOperation[] {
  if (patch === null) return []
  if (!Array.isArray(patch))
    throw malformed(`cannot unmarshal ${jsonKind(patch)} into Go value of type []handlers.jsonPatchOp`)
  if (patch.length > maxOperations) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  }
  for (const operation of patch) {
    if (!isObject(operation)) {
      throw malformed(`cannot unmarshal ${jsonKind(operation)} into Go value of type handlers.jsonPatchOp`)
    }
  }
  return patch as JsonPatchOperation[]
}

/**
 * The document with all operations applied in order; the document given is not changed. All or nothing: throws
 * E_JSON_PATCH_FAILED (Kubernetes: 422) or E_JSON_PATCH_TOO_LARGE (413).
 *
 * Beyond RFC 6902, as the library that Kubernetes uses has it: `-1` is the last element of a list, and a `test` for null
 * passes where there is nothing.
 */
export function applyJsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  const run = new Run(document)
  for (const [index, operation] of operations.entries()) run.apply(operation, index)
  return run.root
}

type Container = JsonMap | unknown[]

class Run {
  root: unknown
  #copied = 0
  /** Containers that were made by this run and may be changed in place. */
  readonly #own = new WeakSet<object>()

  constructor(root: unknown) {
    this.root = root
  }

  apply(operation: JsonPatchOperation, index: number): void {
    const { op } = operation
    const fail = (reason: string): never => {
      throw new SluiceError('E_JSON_PATCH_FAILED', {
        object: `operation ${index} (${String(op)} ${String(operation.path)})`,
        seen: reason,
        details: { index, reason },
      })
    }
    const pointer = (text: unknown): string[] =>
      (typeof text === 'string' ? parsePointer(text) : undefined) ?? fail(`"${String(text)}" is not a JSON pointer`)
    const path = pointer(operation.path)
    switch (op) {
      case 'add':
        return this.#add(path, operation.value ?? null, fail)
      case 'replace':
        return this.#replace(path, operation.value ?? null, fail)
      case 'remove':
        return this.#remove(path, fail)
      case 'test': {
        const value = operation.value ?? null
        if (!jsonEqual(this.#find(path) ?? null, value)) fail('the value there is another one')
        return
      }
      case 'move': {
        const from = pointer(operation.from)
        if (path.length > from.length && from.every((step, i) => step === path[i]))
          fail('a value cannot move into itself')
        const value = this.#get(from, fail)
        this.#remove(from, fail)
        return this.#add(path, value, fail)
      }
      case 'copy': {
        const value = this.#get(pointer(operation.from), fail)
        this.#copied += JSON.stringify(value).length
        if (this.#copied > maxCopiedBytes) {
          throw tooLarge(
            `Unable to complete the copy, the accumulated size increase of copy is ${this.#copied}, exceeding the limit ${maxCopiedBytes}`,
          )
        }
        // A copy of its own: a later operation may change one of the two in place.
        return this.#add(path, structuredClone(value), fail)
      }
      default:
        fail('there is no such operation')
    }
  }

  #add(path: readonly string[], value: unknown, fail: Fail): void {
    if (path.length === 0) {
      this.root = value
      return
    }
    const parent = this.#writableParent(path, fail)
    const key = path.at(-1)!
    if (Array.isArray(parent))
      parent.splice(key === '-' ? parent.length : listIndex(key, parent.length + 1, fail), 0, value)
    else setEntry(parent, key, value)
  }

  #replace(path: readonly string[], value: unknown, fail: Fail): void {
    if (path.length === 0) {
      this.root = value
      return
    }
    const parent = this.#writableParent(path, fail)
    const key = path.at(-1)!
    if (Array.isArray(parent)) parent[listIndex(key, parent.length, fail)] = value
    else if (Object.hasOwn(parent, key)) setEntry(parent, key, value)
    else fail('there is nothing to replace')
  }

  #remove(path: readonly string[], fail: Fail): void {
    if (path.length === 0) fail('the whole document cannot be removed')
    const parent = this.#writableParent(path, fail)
    const key = path.at(-1)!
    if (Array.isArray(parent)) parent.splice(listIndex(key, parent.length, fail), 1)
    else if (Object.hasOwn(parent, key)) delete parent[key]
    else fail('there is nothing to remove')
  }

  #get(path: readonly string[], fail: Fail): unknown {
    const value = this.#find(path)
    return value === undefined ? fail('there is no value to take') : value
  }

  /** The value at a path; undefined when there is none. */
  #find(path: readonly string[]): unknown {
    let here = this.root
    for (const step of path) {
      if (Array.isArray(here)) {
        const at = indexOf(step)
        here = at === undefined ? undefined : here[at < 0 ? at + here.length : at]
      } else {
        const map: JsonMap | undefined = asMap(here)
        here = map !== undefined && Object.hasOwn(map, step) ? map[step] : undefined
      }
    }
    return here
  }

  /** The container that holds the last step, with all on the way to it made safe to change. */
  #writableParent(path: readonly string[], fail: Fail): Container {
    let here = this.#writable(this.root, fail)
    this.root = here
    for (const step of path.slice(0, -1)) {
      let child: Container
      if (Array.isArray(here)) {
        const at = listIndex(step, here.length, fail)
        child = this.#writable(here[at], fail)
        here[at] = child
      } else {
        child = this.#writable(Object.hasOwn(here, step) ? here[step] : undefined, fail)
        setEntry(here, step, child)
      }
      here = child
    }
    return here
  }

  #writable(value: unknown, fail: Fail): Container {
    if (typeof value !== 'object' || value === null) return fail('the path does not exist')
    if (this.#own.has(value)) return value as Container
    const copy = Array.isArray(value) ? [...value] : { ...value }
    this.#own.add(copy)
    return copy
  }
}

type Fail = (reason: string) => never

/** An index of a list of `length` elements; negative ones count from the end. */
function listIndex(text: string, length: number, fail: Fail): number {
  const at = indexOf(text)
  if (at === undefined) return fail(`"${text}" is not an index`)
  const index = at < 0 ? at + length : at
  return index < 0 || index >= length ? fail(`the list has no index ${text}`) : index
}

function indexOf(text: string): number | undefined {
  return /^(0|-?[1-9][0-9]*)$/.test(text) ? Number(text) : undefined
}

function jsonKind(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'bool'
  return Array.isArray(value) ? 'array' : typeof value
}

function malformed(text: string): SluiceError {
  const message = `error decoding patch: json: ${text}`
  return new SluiceError('E_JSON_PATCH_MALFORMED', {
    seen: text,
    details: { status: 400, reason: 'BadRequest', message },
  })
}

function tooLarge(text: string): SluiceError {
  const details = { status: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: ${text}` }
  return new SluiceError('E_JSON_PATCH_TOO_LARGE', { seen: text, details })
}
