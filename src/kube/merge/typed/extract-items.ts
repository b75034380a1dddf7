import type { FieldSet } from '../fieldset/field-set.ts'
import { fieldElement } from '../fieldset/path-element.ts'
import { stepOrNothing } from './list-index.ts'
import { elementType, entryType, type ListModel, type MapModel, shapeFor, type TypeModel } from './type-model.ts'
import { asList, asMap, type JsonMap, setEntry } from './values.ts'

/**
 * Only what the set names: leaves with their values, atomic containers whole, and the containers on the way.
 * A granular container that is named itself, with nothing inside, comes out as null; so does a value of which nothing
 * is named.
 */
export function extractItems(value: unknown, items: FieldSet, type: TypeModel): unknown {
  const shape = shapeFor(type, value)
  if (shape === 'map') return type.map!.atomic ? value : fromMap(asMap(value), items, type.map!)
  if (shape === 'list') return type.list!.atomic ? value : fromList(asList(value), items, type.list!)
  return value
}

function fromMap(map: JsonMap | undefined, items: FieldSet, model: MapModel): unknown {
  const out: JsonMap = {}
  let found = false
  for (const key of Object.keys(map ?? {})) {
    const node = items.kids.get(fieldElement(key))
    if (node === undefined) continue
    found = true
    setEntry(out, key, extractItems(map![key], node, entryType(model, model.field(key))))
  }
  return found ? out : null
}

function fromList(list: readonly unknown[] | undefined, items: FieldSet, model: ListModel): unknown {
  const out: unknown[] = []
  for (const item of list ?? []) {
    const step = stepOrNothing(model, item)
    const node = step === undefined ? undefined : items.kids.get(step)
    if (node === undefined) continue
    out.push(node.kids.size === 0 ? item : extractItems(item, node, elementType(model)))
  }
  return out.length === 0 ? null : out
}
