import { FieldSet } from '../fieldset/field-set.ts'
import type { PathElement } from '../fieldset/path-element.ts'
import type { TypeModel } from './type-model.ts'

/**
 * The set with the declared fields on the way to its paths: `spec` for `spec.replicas`, but no map entries and list
 * elements. Field sets leave those out; to find out what to remove they are needed.
 */
export function withNamedFields(set: FieldSet, type: TypeModel | undefined): FieldSet {
  let kids: Map<PathElement, FieldSet> | undefined
  for (const [step, child] of set.kids) {
    if (child.kids.size === 0) continue
    const isField = step.startsWith('f:')
    const field = isField ? type?.map?.field(step.slice(2)) : undefined
    let below: TypeModel | undefined
    if (isField) below = field?.type ?? type?.map?.element
    else if (step.startsWith('k:')) below = type?.list?.element
    const inner = withNamedFields(child, below)
    const next = field !== undefined && !inner.self ? new FieldSet(true, inner.kids) : inner
    if (next === child) continue
    kids ??= new Map(set.kids)
    kids.set(step, next)
  }
  return kids === undefined ? set : new FieldSet(set.self, kids)
}
