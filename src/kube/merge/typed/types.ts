import type { FieldSet } from '../fieldset/field-set.ts'
import type { TypeModel } from './type-model.ts'

/** What one manager owns, in the version in which it wrote. */
export interface VersionedSet {
  readonly set: FieldSet
  readonly apiVersion: string
  /** Whether it was written by an apply. */
  readonly applied: boolean
}

/** Who owns what: manager → fields. */
export type Managers = ReadonlyMap<string, VersionedSet>

/** A field that another manager owns with another value. */
export interface TypedConflict {
  readonly manager: string
  /** The fields of that manager that are concerned. */
  readonly fields: FieldSet
}

/** A value and its type. */
export interface Typed {
  readonly value: unknown
  readonly type: TypeModel
}

/** A filter on field sets: what may be owned. */
export type FieldFilter = (set: FieldSet) => FieldSet

/** What the rules need to know about the versions of a kind. */
export interface VersionRules {
  /** The value in a version; undefined when that version does not exist (any more): claims in it are dropped. */
  convert(from: Typed, fromVersion: string, toVersion: string): Typed | undefined
  /** Which fields can be owned in a version; absent: all. */
  filter?(version: string): FieldFilter | undefined
}
