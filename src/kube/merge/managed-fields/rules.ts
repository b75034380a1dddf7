import type { KubeObject } from '../../object.ts'
import type { Schema } from '../../schema/types.ts'
import type { FieldSet } from '../fieldset/field-set.ts'
import { objectType } from '../typed/schema-types.ts'
import type { Typed, VersionRules } from '../typed/types.ts'

/**
 * Rules of one write. Objects are the same in every version of a kind here (conversion `None`), and claims of other
 * versions are read with the schema of the request's.
 */
export function rulesFor(resetFields: FieldSet | undefined): VersionRules {
  return {
    convert: from => from,
    ...(resetFields === undefined ? {} : { filter: () => (set: FieldSet) => set.without(resetFields) }),
  }
}

/** An object with the type of its kind; an empty one where there is none. */
export function typed(object: KubeObject | undefined, schema: Schema | undefined): Typed {
  return { value: object ?? {}, type: objectType(schema) }
}
