import { isObject } from '../../../base/json.ts'
import {
  deducedType,
  type FieldModel,
  type ListModel,
  type MapModel,
  type ScalarKind,
  type TypeModel,
} from './type-model.ts'

/**
 * The types of a schema in the language of structured-merge-diff (`types: [{name, map|list|scalar}]`), by name, from
 * its parsed YAML. References are followed when a value needs them, so types may be cyclic.
 */
export function smdTypes(schema: unknown): (name: string) => TypeModel | undefined {
  const definitions = new Map<string, Atom>()
  for (const type of listOf(isObject(schema) ? schema['types'] : undefined)) {
    if (isObject(type) && typeof type['name'] === 'string') definitions.set(type['name'], type as Atom)
  }
  const resolved = new Map<string, TypeModel>()
  const named = (name: string): TypeModel | undefined => {
    const definition = definitions.get(name)
    if (definition === undefined) return undefined
    let model = resolved.get(name)
    if (model === undefined) {
      model = modelOf(definition, undefined, named)
      resolved.set(name, model)
    }
    return model
  }
  return named
}

/** An inlined type or a definition, as YAML gives it. */
interface Atom {
  readonly scalar?: ScalarKind
  readonly list?: Record<string, unknown>
  readonly map?: Record<string, unknown>
}

/** A reference: a named or inlined type, and what it overrides. */
interface Reference extends Atom {
  readonly namedType?: string
  readonly elementRelationship?: string
}

type Named = (name: string) => TypeModel | undefined

function refer(reference: Reference | undefined, named: Named): TypeModel | undefined {
  if (reference === undefined) return undefined
  const { namedType, elementRelationship } = reference
  if (namedType === undefined) return modelOf(reference, elementRelationship, named)
  if (namedType === '__untyped_deduced_') return deducedType
  const model = named(namedType)
  return model === undefined || elementRelationship === undefined ? model : overridden(model, elementRelationship)
}

/** The same type with another relationship between its elements: a field may override the type that it refers to. */
function overridden(model: TypeModel, relationship: string): TypeModel {
  const atomic = relationship === 'atomic'
  if (model.map) return { ...model, map: Object.create(model.map, { atomic: { value: atomic } }) as MapModel }
  if (model.list) return { ...model, list: Object.create(model.list, { atomic: { value: atomic } }) as ListModel }
  return model
}

function modelOf(atom: Atom, relationship: string | undefined, named: Named): TypeModel {
  return {
    scalar: atom.scalar,
    list: atom.list && listModel(atom.list, relationship, named),
    map: atom.map && mapModel(atom.map, relationship, named),
  }
}

function listModel(list: Record<string, unknown>, relationship: string | undefined, named: Named): ListModel {
  const reference = list['elementType'] as Reference | undefined
  return {
    atomic: (relationship ?? list['elementRelationship']) === 'atomic',
    keys: listOf(list['keys']).map(String).sort(),
    get element() {
      return refer(reference, named)
    },
  }
}

function mapModel(map: Record<string, unknown>, relationship: string | undefined, named: Named): MapModel {
  const declared = new Map(listOf(map['fields']).map(field => [(field as { name: string }).name, field as SmdField]))
  const known = new Map<string, FieldModel | undefined>()
  const reference = map['elementType'] as Reference | undefined
  return {
    atomic: (relationship ?? map['elementRelationship']) === 'atomic',
    deduced: declared.size === 0 && (reference?.namedType === '__untyped_deduced_' || reference?.scalar === 'untyped'),
    field(name) {
      if (!declared.has(name)) return undefined
      let model = known.get(name)
      if (model === undefined) {
        const field = declared.get(name)!
        model = { type: refer(field.type, named) ?? deducedType, default: field.default }
        known.set(name, model)
      }
      return model
    },
    get element() {
      return refer(reference, named)
    },
  }
}

interface SmdField {
  readonly name: string
  readonly type?: Reference
  readonly default?: unknown
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
