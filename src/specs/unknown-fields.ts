import { isObject } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Schema } from '../kube/schema/types.ts'
import { unknownFields } from '../kube/structural/index.ts'
import { formatFieldPath, parseFieldPath } from './field-path.ts'

/** A field that a kind does not have. */
export interface UnknownField {
  readonly field: string
  readonly value: unknown
  /** The field that was probably meant. */
  readonly meant?: string
}

/** The fields of an object that its schema does not know, each with the known field that it looks like. */
export function findUnknownFields(schema: Schema, object: KubeObject): UnknownField[] {
  return unknownFields(schema, object).map(field => {
    const steps = parseFieldPath(field)
    const name = String(steps.at(-1))
    let place: Schema | undefined = schema
    let value: unknown = object
    for (const step of steps.slice(0, -1)) {
      place = typeof step === 'number' ? place?.items : (place?.properties?.[step] ?? additional(place))
      value = Array.isArray(value) ? value[Number(step)] : isObject(value) ? value[step] : undefined
    }
    const siblings = Object.keys(place?.properties ?? {})
    const present = isObject(value) ? value : {}
    const meant = siblings.find(known => !(known in present) && isNear(known, name))
    const base = { field, value: present[name] }
    return meant === undefined ? base : { ...base, meant: formatFieldPath([...steps.slice(0, -1), meant]) }
  })
}

function additional(schema: Schema | undefined): Schema | undefined {
  return isObject(schema?.additionalProperties) ? (schema.additionalProperties as Schema) : undefined
}

/** The known name that was probably meant; undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  return known.find(other => isNear(other, name))
}

/** Whether two names differ only in case, or by one or two letters for longer names. */
function isNear(a: string, b: string): boolean {
  const x = a.toLowerCase()
  const y = b.toLowerCase()
  if (x === y) return true
  const allowed = Math.min(x.length, y.length) >= 6 ? 2 : Math.min(x.length, y.length) >= 4 ? 1 : 0
  return distance(x, y) <= allowed
}

/** Edits between two texts, where swapping two neighbours is one edit (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)])
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? 0
  for (let j = 0; j <= b.length; j++) (rows[0] as number[])[j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, cell(i - 2, j - 2) + 1)
      ;(rows[i] as number[])[j] = best
    }
  }
  return cell(a.length, b.length)
}
