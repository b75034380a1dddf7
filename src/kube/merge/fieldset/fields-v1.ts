import { isObject } from '../../../base/json.ts'
import { FieldSet } from './field-set.ts'
import { type PathElement, parseElement } from './path-element.ts'

/** The JSON form of a field set, as in `metadata.managedFields[].fieldsV1`. */
export type FieldsV1 = Record<string, unknown>

/**
 * Reads `fieldsV1`. Steps of unknown kinds are dropped, as Kubernetes does it; undefined when it is malformed.
 */
export function fromFieldsV1(json: unknown): FieldSet | undefined {
  try {
    const root = read(json)
    return root.self ? new FieldSet(false, root.kids) : root
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function read(json: unknown): FieldSet {
  if (json === null || json === undefined) return FieldSet.leaf
  if (!isObject(json)) throw new SyntaxError('a field set is made of objects')
  let kids: Map<PathElement, FieldSet> | undefined
  let self = false
  for (const text of Object.keys(json)) {
    if (text === '.') {
      self = true
      continue
    }
    const step = parseElement(text)
    if (step === undefined) continue
    kids ??= new Map()
    kids.set(step, read(json[text]))
  }
  // An object with nothing below it stands for its own path.
  return kids === undefined ? FieldSet.leaf : new FieldSet(self, kids)
}

/** Writes `fieldsV1`, with its keys in the order of the original: `"."` first, then fields, keys, values, indexes. */
export function toFieldsV1(set: FieldSet): FieldsV1 {
  const out: FieldsV1 = {}
  for (const [step, node] of set.sorted()) {
    const below = node.kids.size === 0 ? {} : toFieldsV1(node)
    out[step] = node.self && node.kids.size > 0 ? { '.': {}, ...below } : below
  }
  return out
}
