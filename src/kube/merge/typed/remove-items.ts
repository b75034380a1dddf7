import type { FieldSet } from '../fieldset/field-set.ts'
import { fieldElement } from '../fieldset/path-element.ts'
import { stepOrNothing } from './list-index.ts'
import { elementType, entryType, type ListModel, type MapModel, shapeFor, type TypeModel } from './type-model.ts'
import { asList, asMap, isEmptyMap, type JsonMap, setEntry } from './values.ts'

/**
 * The value without the entries and elements whose paths are in the set, and all that is below them. A container of
 * which the set names something inside and nothing is left becomes null. The value itself when nothing goes.
 */
export function removeItems(value: unknown, items: FieldSet, type: TypeModel): unknown {
  if (items.kids.size === 0) return value
  const shape = shapeFor(type, value)
  if (shape === 'map') return type.map!.atomic ? null : removeFromMap(asMap(value), items, type.map!)
  if (shape === 'list') return type.list!.atomic ? null : removeFromList(asList(value), items, type.list!)
  return value
}

function removeFromMap(map: JsonMap | undefined, items: FieldSet, model: MapModel): unknown {
  if (map === undefined || isEmptyMap(map)) return null
  let out: JsonMap | undefined
  let left = 0
  for (const key of Object.keys(map)) {
    const node = items.kids.get(fieldElement(key))
    if (node?.self) {
      out ??= { ...map }
      delete out[key]
      continue
    }
    left++
    if (node === undefined) continue
    const value = removeItems(map[key], node, entryType(model, model.field(key)))
    if (value === map[key]) continue
    out ??= { ...map }
    setEntry(out, key, value)
  }
  return left === 0 ? null : (out ?? map)
}

function removeFromList(list: readonly unknown[] | undefined, items: FieldSet, model: ListModel): unknown {
  if (list === undefined || list.length === 0) return null
  const out: unknown[] = []
  let changed = false
  for (const item of list) {
    const step = stepOrNothing(model, item)
    const node = step === undefined ? undefined : items.kids.get(step)
    if (node?.self) {
      changed = true
      continue
    }
    const value = node === undefined ? item : removeItems(item, node, elementType(model))
    if (value !== item) changed = true
    out.push(value)
  }
  if (out.length === 0) return null
  return changed ? out : list
}
