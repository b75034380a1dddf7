import { FieldSet } from '../fieldset/field-set.ts'
import { fieldElement, type PathElement } from '../fieldset/path-element.ts'
import { stepOrNothing } from './list-index.ts'
import { elementType, entryType, type ListModel, type MapModel, shapeFor, type TypeModel } from './type-model.ts'
import { asList, asMap, isEmptyMap, type JsonMap } from './values.ts'

/**
 * The fields that a value mentions: every leaf, every element of a list with keys or set, every map entry that is no
 * declared field, and fields whose value is null or an empty map. What a manager owns after it applied the value.
 */
export function toFieldSet(value: unknown, type: TypeModel): FieldSet {
  const node = collect(value, type)
  if (node === undefined) return FieldSet.empty
  return node.self ? new FieldSet(false, node.kids) : node
}

function collect(value: unknown, type: TypeModel): FieldSet | undefined {
  const shape = shapeFor(type, value)
  if (shape === 'scalar') return FieldSet.leaf
  if (shape === 'map') return type.map!.atomic ? FieldSet.leaf : ofMap(asMap(value), type.map!)
  if (shape === 'list') return type.list!.atomic ? FieldSet.leaf : ofList(asList(value), type.list!)
  return undefined
}

function ofMap(map: JsonMap | undefined, model: MapModel): FieldSet | undefined {
  if (map === undefined) return undefined
  const kids = new Map<PathElement, FieldSet>()
  for (const key of Object.keys(map)) {
    const value = map[key]
    if (value === undefined) continue
    const field = model.field(key)
    const node = collect(value, entryType(model, field))
    const owned = field === undefined || value === null || isEmpty(value)
    add(kids, fieldElement(key), node, owned)
  }
  return kids.size === 0 ? undefined : new FieldSet(false, kids)
}

function ofList(list: readonly unknown[] | undefined, model: ListModel): FieldSet | undefined {
  if (list === undefined || list.length === 0) return undefined
  const kids = new Map<PathElement, FieldSet>()
  for (const item of list) {
    const step = stepOrNothing(model, item)
    if (step === undefined) continue
    // Elements that occur more than once are owned as a whole: which of them is meant cannot be said.
    if (kids.has(step)) kids.set(step, FieldSet.leaf)
    else add(kids, step, collect(item, elementType(model)), true)
  }
  return kids.size === 0 ? undefined : new FieldSet(false, kids)
}

function add(kids: Map<PathElement, FieldSet>, step: PathElement, node: FieldSet | undefined, owned: boolean): void {
  if (node === undefined) {
    if (owned) kids.set(step, FieldSet.leaf)
  } else kids.set(step, owned && !node.self ? new FieldSet(true, node.kids) : node)
}

function isEmpty(value: unknown): boolean {
  const map = asMap(value)
  return map !== undefined && isEmptyMap(map)
}
