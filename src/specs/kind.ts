import { isObject } from '../base/json.ts'
import type { FieldError } from '../kube/field-error.ts'
import { formatApiVersion } from '../kube/identity.ts'
import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import type { Schema } from '../kube/schema/types.ts'
import { withoutFields } from './field-path.ts'
import type { FromSchema } from './schema.ts'
import { checkSchema, withSchemaDefaults } from './schema-check.ts'

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  /** As in CRDs: `.spec.url`. */
  readonly jsonPath: string
  /** 0 is always shown; 1 with `-o wide`. */
  readonly priority?: number
}

/** A rule over several fields of one object, which a schema cannot say. */
export interface Rule<T> {
  /** A stable name, for documentation and tests. */
  readonly name: string
  /** What must hold, in one sentence. */
  readonly says: string
  /** What breaks it. The object has no fields of a wrong type, but any field may be absent. */
  check(object: T): Iterable<FieldError>
}

/** A rule over the change of one object. */
export interface UpdateRule<T> {
  readonly name: string
  readonly says: string
  check(object: T, old: T): Iterable<FieldError>
}

/** The one definition of a kind: everything else is made from it. */
export interface KindOptions<S, St> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  /** One sentence about the kind. */
  readonly description: string
  /** A {@link Schema}, built with `schema.ts`. Not constrained here: that would blur the types that it is read for. */
  readonly spec: S
  /** Schema of the status subresource; no status when absent. */
  readonly status?: St
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  /** Annotations of the CRD. */
  readonly annotations?: Readonly<Record<string, string>>
  readonly columns?: readonly PrinterColumn[]
  readonly rules?: readonly Rule<KindObject<S, St>>[]
  readonly updateRules?: readonly UpdateRule<KindObject<S, St>>[]
  /** What is allowed and yet worth a word to the person. */
  warnings?(object: KindObject<S, St>): Iterable<string>
  /** Fills in what the schema's defaults do not, in place. */
  defaults?(object: KindObject<S, St>): void
}

/** An object of a kind with these schemas. */
export interface KindObject<S, St> {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  spec: FromSchema<S>
  status?: St extends Schema ? FromSchema<St> : never
  [key: string]: unknown
}

/** A kind that Sluice knows. */
export interface SpecKind<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  /** `group/version`. */
  readonly apiVersion: string
  readonly description: string
  /** The whole schema of an object, its metadata included. */
  readonly schema: Schema
  readonly rules: readonly Rule<T>[]
  readonly updateRules: readonly UpdateRule<T>[]
  /** The CustomResourceDefinition, fit for an API server. */
  crd(): KubeObject
  /** Everything wrong with an object by itself: what the API server would say, then the rules. */
  validate(object: KubeObject): FieldError[]
  /** Everything wrong with a change of an object; the new object's own faults are not repeated. */
  validateUpdate(object: KubeObject, old: KubeObject): FieldError[]
  warnings(object: KubeObject): string[]
  /** A copy with every default filled in, and without fields of a wrong type (which `validate` reports). */
  applyDefaults(object: KubeObject): T
}

/** The type of a kind's objects. */
export type ObjectOf<K> = K extends SpecKind<infer T> ? T : never

/** Makes a kind out of its definition. */
export function defineKind<const S, const St = undefined>(options: KindOptions<S, St>): SpecKind<KindObject<S, St>> {
  type T = KindObject<S, St>
  const { group, version, kind, plural, description, rules = [], updateRules = [] } = options
  const schema = rootSchema(options as never)
  // Rules may trust types: what the schema refused is taken out first, and not reported twice.
  const sound = (object: KubeObject, errors: readonly FieldError[]): T => {
    const wrong = errors.filter(error => error.type === 'FieldValueTypeInvalid').map(error => error.field)
    const copy = withoutFields(withSchemaDefaults(schema, object), wrong)
    return (isObject(copy['spec']) ? copy : { ...copy, spec: {} }) as T
  }
  return {
    group,
    version,
    kind,
    plural,
    apiVersion: formatApiVersion({ group, version }),
    description,
    schema,
    rules,
    updateRules,
    crd: () => crdOf(options as never, schema),
    validate(object) {
      const errors = checkSchema(schema, object)
      const checked = sound(object, errors)
      const seen = new Set(errors.map(error => error.field))
      for (const rule of rules) {
        for (const error of rule.check(checked)) if (!seen.has(error.field)) errors.push(error)
      }
      return errors
    },
    validateUpdate(object, old) {
      const checked = sound(object, checkSchema(schema, object))
      return updateRules.flatMap(rule => [...rule.check(checked, sound(old, []))])
    },
    warnings: object => [...(options.warnings?.(sound(object, checkSchema(schema, object))) ?? [])],
    applyDefaults(object) {
      const copy = sound(object, checkSchema(schema, object))
      options.defaults?.(copy)
      return copy
    },
  }
}

function rootSchema(options: KindOptions<unknown, unknown>): Schema {
  return {
    description: options.description,
    type: 'object',
    properties: {
      apiVersion: { description: 'Version of the API that the object is written in.', type: 'string' },
      kind: { description: 'Kind of the object.', type: 'string' },
      metadata: { type: 'object' },
      spec: options.spec as Schema,
      ...(options.status === undefined ? {} : { status: options.status as Schema }),
    },
  }
}

function crdOf(options: KindOptions<never, never>, schema: Schema): KubeObject {
  const { group, version, kind, plural, columns = [], shortNames = [], categories = [], annotations } = options
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { ...(annotations === undefined ? {} : { annotations: { ...annotations } }), name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        ...(categories.length === 0 ? {} : { categories: [...categories] }),
        kind,
        listKind: `${kind}List`,
        plural,
        ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
        singular: kind.toLowerCase(),
      },
      scope: 'Namespaced',
      versions: [
        {
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns.map(column => ({ ...column })) }),
          name: version,
          schema: { openAPIV3Schema: structuredClone(schema) },
          served: true,
          storage: true,
          subresources: options.status === undefined ? {} : { status: {} },
        },
      ],
    },
  }
}
