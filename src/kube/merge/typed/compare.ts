import { jsonEqual } from '../../../base/json.ts'
import { FieldSet, FieldSetBuilder } from '../fieldset/field-set.ts'
import { fieldElement, type PathElement } from '../fieldset/path-element.ts'
import { stepOrNothing } from './list-index.ts'
import {
  elementType,
  entryType,
  type ListModel,
  type MapModel,
  type Shape,
  shapeFor,
  type TypeModel,
} from './type-model.ts'
import { asList, asMap, entry, isEmptyMap } from './values.ts'

/** What a write changed. No field is in more than one of the sets. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/** Nothing changed. */
export const noChange: Comparison = { added: FieldSet.empty, modified: FieldSet.empty, removed: FieldSet.empty }

/** Compares two values of one type, field by field. Parts that are the same object are not walked. */
export function compareTyped(before: unknown, after: unknown, type: TypeModel): Comparison {
  if (before === after) return noChange
  const walk = new Walk()
  walk.compare(before, after, type)
  return walk.result
}

/** Whether nothing changed. */
export function isSame(comparison: Comparison): boolean {
  return comparison.added.isEmpty && comparison.modified.isEmpty && comparison.removed.isEmpty
}

/** Only the changes that pass a filter. */
export function filterComparison(comparison: Comparison, filter: (set: FieldSet) => FieldSet): Comparison {
  return {
    added: filter(comparison.added),
    modified: filter(comparison.modified),
    removed: filter(comparison.removed),
  }
}

class Walk {
  readonly #added = new FieldSetBuilder()
  readonly #modified = new FieldSetBuilder()
  readonly #removed = new FieldSetBuilder()
  readonly #path: PathElement[] = []

  get result(): Comparison {
    return { added: this.#added.set, modified: this.#modified.set, removed: this.#removed.set }
  }

  /** Undefined means absent; at most one side is. */
  compare(before: unknown, after: unknown, type: TypeModel): void {
    if (before === after) return
    const left = before === undefined ? undefined : shapeFor(type, before)
    const right = after === undefined ? undefined : shapeFor(type, after)
    let isLeaf: boolean
    if (right === undefined) isLeaf = this.#as(left, before, after, type)
    else {
      // A value that changes its shape loses the fields of the old one and gets those of the new one.
      if (left !== undefined && left !== right) this.#as(left, before, after, type)
      isLeaf = this.#as(right, before, after, type)
    }
    if (isLeaf) return
    if (before === undefined) this.#added.add(this.#path)
    else if (after === undefined) this.#removed.add(this.#path)
  }

  /** Compares with one alternative of the type; tells whether it is a leaf there. */
  #as(shape: Shape | undefined, before: unknown, after: unknown, type: TypeModel): boolean {
    if (shape === 'map' && !type.map!.atomic) return this.#maps(before, after, type.map!)
    if (shape === 'list' && !type.list!.atomic) return this.#lists(before, after, type.list!)
    return this.#leaf(before, after)
  }

  #leaf(before: unknown, after: unknown): true {
    if (before === undefined) this.#added.add(this.#path)
    else if (after === undefined) this.#removed.add(this.#path)
    else if (!jsonEqual(before, after)) this.#modified.add(this.#path)
    return true
  }

  #maps(before: unknown, after: unknown, model: MapModel): boolean {
    const left = asMap(before)
    const right = asMap(after)
    const leftEmpty = left === undefined || isEmptyMap(left)
    const rightEmpty = right === undefined || isEmptyMap(right)
    if (leftEmpty && rightEmpty) return this.#leaf(before, after)
    if (left !== undefined) for (const key of Object.keys(left)) this.#entry(key, left[key], entry(right, key), model)
    if (right !== undefined) {
      for (const key of Object.keys(right)) {
        if (left !== undefined && Object.hasOwn(left, key) && left[key] !== undefined) continue
        this.#entry(key, undefined, right[key], model)
      }
    }
    return false
  }

  #entry(key: string, before: unknown, after: unknown, model: MapModel): void {
    if (before === after) return
    this.#path.push(fieldElement(key))
    this.compare(before, after, entryType(model, model.field(key)))
    this.#path.pop()
  }

  #lists(before: unknown, after: unknown, model: ListModel): boolean {
    const left = asList(before)
    const right = asList(after)
    if ((left === undefined || left.length === 0) && (right === undefined || right.length === 0)) {
      return this.#leaf(before, after)
    }
    const inLeft = bySteps(left, model)
    const inRight = bySteps(right, model)
    const steps = new Set([...inLeft.keys(), ...inRight.keys()])
    for (const step of steps) {
      this.#path.push(step)
      this.#elements(inLeft.get(step) ?? [], inRight.get(step) ?? [], elementType(model))
      this.#path.pop()
    }
    return false
  }

  /** The elements with one identity on both sides. Repeated ones count as one leaf, since they cannot be told apart. */
  #elements(left: readonly unknown[], right: readonly unknown[], type: TypeModel): void {
    if (left.length <= 1 && right.length <= 1) this.compare(left[0], right[0], type)
    else if (left.length >= 2 && right.length >= 2) {
      if (!jsonEqual(left, right)) this.#modified.add(this.#path)
    } else if (left.length >= 2) {
      if (right.length > 0) this.compare(undefined, right[0], type)
      this.#removed.add(this.#path)
    } else {
      if (left.length > 0) this.compare(left[0], undefined, type)
      this.#added.add(this.#path)
    }
  }
}

function bySteps(list: readonly unknown[] | undefined, model: ListModel): Map<PathElement, unknown[]> {
  const out = new Map<PathElement, unknown[]>()
  for (const item of list ?? []) {
    const step = stepOrNothing(model, item)
    if (step === undefined) continue
    const same = out.get(step)
    if (same) same.push(item)
    else out.set(step, [item])
  }
  return out
}
