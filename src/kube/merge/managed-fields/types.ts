import type { KubeObject } from '../../object.ts'
import type { Schema } from '../../schema/types.ts'
import type { FieldSet } from '../fieldset/field-set.ts'

/** What every managed write needs to know about itself. */
export interface ManagedWrite {
  /** The object as it is kept now; undefined for a create. Never changed by the call. */
  readonly live: KubeObject | undefined
  /** The field manager: `fieldManager` of the request, or the first part of the user agent. Empty: `unknown`. */
  readonly manager: string
  /** The subresource that is written through (`status`, `scale`), '' for the main resource. */
  readonly subresource?: string
  /** The kind's schema, its metadata included; undefined: the type is deduced from the values. */
  readonly schema: Schema | undefined
  /** The version of the request: `apps/v1`. */
  readonly apiVersion: string
  /** The time of the write; kept to the second. */
  readonly time: Date
  /** Fields that this endpoint never changes and so nobody owns through it; see {@link statusFields} and {@link mainFields}. */
  readonly resetFields?: FieldSet
}

/** A server-side apply. */
export interface ApplyRequest extends ManagedWrite {
  /** What the manager wants: a partial object of version `apiVersion`, without `metadata.managedFields`. */
  readonly applied: KubeObject
  /** Take fields from other managers instead of reporting conflicts. */
  readonly force?: boolean
}

/** A create, update or patch that is not an apply, after its object has been worked out. */
export interface UpdateRequest extends ManagedWrite {
  /** The object as it is to be kept; its own `metadata.managedFields` count when they are valid, as in Kubernetes. */
  readonly updated: KubeObject
}

/** A field that another manager owns with another value. */
export interface FieldConflict {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  /** When the manager last wrote, if that is known. */
  readonly time?: string
  /** The path in the words of a Status cause: `.spec.template.spec.containers[name="app"].image`. */
  readonly field: string
  /** The text of the Status cause: `conflict with "kubectl" using apps/v1`. */
  readonly message: string
}

/** The outcome of an apply: a new object (never the live one), or the conflicts that stopped it. */
export type ApplyResult =
  | { readonly object: KubeObject; readonly conflicts?: undefined }
  | { readonly object?: undefined; readonly conflicts: readonly FieldConflict[] }
