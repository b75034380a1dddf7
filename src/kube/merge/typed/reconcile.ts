import { FieldSet } from '../fieldset/field-set.ts'
import type { PathElement } from '../fieldset/path-element.ts'
import type { TypeModel } from './type-model.ts'

/**
 * A field set brought in line with a schema that may have changed since it was written: who owned parts of what has
 * become atomic owns the whole. The other way round nothing changes: who owned an atomic value owns the container only.
 * The set itself when there is nothing to change.
 */
export function reconcileWithType(set: FieldSet, type: TypeModel): FieldSet {
  const next = reconcile(set, type)
  // Nobody owns the object as a whole, so a root that is atomic has no path to own.
  return next === FieldSet.leaf ? set : next
}

function reconcile(set: FieldSet, type: TypeModel): FieldSet {
  // Of several alternatives the first counts, as there is no value at hand to choose by.
  if (type.map) {
    if (type.map.deduced) return set
    if (type.map.atomic) return set.kids.size > 0 ? FieldSet.leaf : set
    const map = type.map
    return eachChild(set, step => {
      const field = step.startsWith('f:') ? map.field(step.slice(2)) : undefined
      return field?.type ?? map.element
    })
  }
  if (type.scalar || !type.list) return set
  if (type.list.atomic) return set.kids.size > 0 ? FieldSet.leaf : set
  const element = type.list.element
  return eachChild(set, () => element)
}

function eachChild(set: FieldSet, typeOf: (step: PathElement) => TypeModel | undefined): FieldSet {
  let kids: Map<PathElement, FieldSet> | undefined
  for (const [step, child] of set.kids) {
    const type = child.kids.size === 0 ? undefined : typeOf(step)
    if (type === undefined) continue
    const next = reconcile(child, type)
    if (next === child) continue
    kids ??= new Map(set.kids)
    kids.set(step, next)
  }
  return kids === undefined ? set : new FieldSet(set.self, kids)
}
