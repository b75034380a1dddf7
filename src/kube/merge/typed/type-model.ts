/** What kind of scalar a type allows; `untyped` allows all of them. */
export type ScalarKind = 'numeric' | 'string' | 'boolean' | 'untyped'

/**
 * A type in the sense of structured-merge-diff: up to one alternative each for scalars, lists and maps. A value picks
 * the alternative of its own shape. Models can be cyclic; parts are resolved when they are first asked for.
 */
export interface TypeModel {
  readonly scalar: ScalarKind | undefined
  readonly list: ListModel | undefined
  readonly map: MapModel | undefined
}

export interface ListModel {
  /** The list is one leaf. Otherwise its elements are told apart by {@link keys}, or by value when there are none. */
  readonly atomic: boolean
  /** The fields that identify an element, sorted by name; empty for a set of scalars. */
  readonly keys: readonly string[]
  readonly element: TypeModel | undefined
}

export interface MapModel {
  /** The map is one leaf. */
  readonly atomic: boolean
  /** The type deduced from values: schema changes are not followed there. */
  readonly deduced: boolean
  /** The declared field of a name. */
  field(name: string): FieldModel | undefined
  /** The type of entries that are not declared; undefined when there may be none. */
  readonly element: TypeModel | undefined
}

export interface FieldModel {
  readonly type: TypeModel
  /** What a missing key of a list element stands for. */
  readonly default: unknown
}

/** The alternative of a type that handles a value. */
export type Shape = 'map' | 'scalar' | 'list'

/**
 * The alternative that handles `value`: its own shape where the type has it; otherwise (null, or a value of a shape that
 * the type does not allow) the first that exists of map, scalar, list.
 */
export function shapeFor(type: TypeModel, value: unknown): Shape | undefined {
  if (typeof value === 'object') {
    if (value !== null) {
      if (Array.isArray(value)) {
        if (type.list) return 'list'
      } else if (type.map) return 'map'
    }
  } else if (type.scalar) return 'scalar'
  return type.map ? 'map' : type.scalar ? 'scalar' : type.list ? 'list' : undefined
}

const noField = (): undefined => undefined

/** Anything goes and belongs together: lists and maps are leaves. */
export const untypedAtomic: TypeModel = {
  scalar: 'untyped',
  list: {
    atomic: true,
    keys: [],
    get element() {
      return untypedAtomic
    },
  },
  map: {
    atomic: true,
    deduced: false,
    field: noField,
    get element() {
      return untypedAtomic
    },
  },
}

/** The type of values without a schema: maps are granular, lists and scalars are leaves. */
export const deducedType: TypeModel = {
  scalar: 'untyped',
  list: untypedAtomic.list,
  map: {
    atomic: false,
    deduced: true,
    field: noField,
    get element() {
      return deducedType
    },
  },
}

/** The type of an entry of a map; entries that the schema does not know are treated as deduced. */
export function entryType(map: MapModel, field: FieldModel | undefined): TypeModel {
  return field?.type ?? map.element ?? deducedType
}

/** The type of an element of a list. */
export function elementType(list: ListModel): TypeModel {
  return list.element ?? deducedType
}
