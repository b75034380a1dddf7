import type { Schema } from '../kube/schema/types.ts'

/** What a builder may add to a schema besides its type and description. */
type Rules = Omit<Schema, 'type' | 'description' | 'properties' | 'items' | 'required'>
type None = Record<never, never>

/** A text. */
export function text<const R extends Rules = None>(description: string, rules?: R): { readonly type: 'string' } & R {
  return { description, ...(rules as R), type: 'string' }
}

/** A text out of a fixed list. */
export function oneOf<const V extends readonly string[], const R extends Rules = None>(
  description: string,
  values: V,
  rules?: R,
): { readonly type: 'string'; readonly enum: V } & R {
  return { description, ...(rules as R), type: 'string', enum: values }
}

/** A whole number. */
export function integer<const R extends Rules = None>(
  description: string,
  rules?: R,
): { readonly type: 'integer' } & R {
  return { description, ...(rules as R), type: 'integer' }
}

/** True or false. */
export function flag<const R extends Rules = None>(description: string, rules?: R): { readonly type: 'boolean' } & R {
  return { description, ...(rules as R), type: 'boolean' }
}

/** A list of equal things. */
export function list<const I extends Schema, const R extends Rules = None>(
  description: string,
  items: I,
  rules?: R,
): { readonly type: 'array'; readonly items: I } & R {
  return { description, ...(rules as R), type: 'array', items }
}

/** A map from any key to a text. */
export function textMap(description: string): {
  readonly type: 'object'
  readonly additionalProperties: { readonly type: 'string' }
} {
  return { description, type: 'object', additionalProperties: { type: 'string' } } as never
}

/** A map from any key to a list of texts. */
export function textListMap(description: string): {
  readonly type: 'object'
  readonly additionalProperties: { readonly type: 'array'; readonly items: { readonly type: 'string' } }
} {
  return {
    description,
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
  } as never
}

/** An object with known fields; those in `required` must be there. */
export function object<
  const P,
  const Q extends readonly Extract<keyof P, string>[] = readonly [],
  const R extends Rules = None,
>(
  description: string,
  properties: P,
  required?: Q,
  rules?: R,
): { readonly type: 'object'; readonly properties: P; readonly required: Q } & R {
  const must = required === undefined || required.length === 0 ? {} : { required }
  return { description, ...(rules as R), type: 'object', properties, ...must } as never
}

/** An object whose fields are not looked at and are kept as they are. */
export function anything(description: string): {
  readonly type: 'object'
  readonly 'x-kubernetes-preserve-unknown-fields': true
} {
  return { description, type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as never
}

/** A number or a text, as Kubernetes' IntOrString. */
export function intOrText<const R extends Rules = None>(
  description: string,
  rules?: R,
): { readonly 'x-kubernetes-int-or-string': true } & R {
  return {
    description,
    ...(rules as R),
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
  }
}

/** The same schema with another description: for shapes that several fields share. */
export function described<const S extends Schema>(schema: S, description: string): S {
  return { ...schema, description }
}

type Flat<T> = { [K in keyof T]: T[K] } & {}
type RequiredOf<S> = S extends { readonly required: readonly (infer Q)[] } ? Q : never

/**
 * The TypeScript type of the values that a schema accepts: fields in `required` are there, all others may be absent.
 *
 * @example
 * const ref = object('A reference.', { kind: text('Kind.'), name: text('Name.') }, ['name'])
 * type Ref = FromSchema<typeof ref> // { name: string; kind?: string }
 */
export type FromSchema<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly 'x-kubernetes-int-or-string': true }
    ? number | string
    : S extends { readonly type: 'string' }
      ? string
      : S extends { readonly type: 'integer' | 'number' }
        ? number
        : S extends { readonly type: 'boolean' }
          ? boolean
          : S extends { readonly type: 'array'; readonly items: infer I }
            ? FromSchema<I>[]
            : S extends { readonly type: 'object'; readonly properties: infer P }
              ? Flat<
                  { -readonly [K in keyof P as K extends RequiredOf<S> ? K : never]: FromSchema<P[K]> } & {
                    -readonly [K in keyof P as K extends RequiredOf<S> ? never : K]?: FromSchema<P[K]>
                  }
                >
              : S extends { readonly additionalProperties: infer A }
                ? Record<string, FromSchema<A>>
                : S extends { readonly type: 'object' }
                  ? Record<string, unknown>
                  : unknown
