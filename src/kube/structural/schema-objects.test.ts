import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFieldError } from '../field-error-format.ts'
import type { Schema } from '../schema/types.ts'
import { defaultObject } from './default-object.ts'
import { pruneObject, unknownFields } from './prune-object.ts'
import { validateObject } from './validate-object.ts'

/** Schemas of all shapes, a few levels deep. */
const { schema } = fc.letrec<{ schema: Schema; leaf: Schema; object: Schema; array: Schema }>(tie => ({
  schema: fc.oneof({ depthSize: 'small', maxDepth: 3 }, tie('leaf'), tie('object'), tie('array')),
  leaf: fc.oneof(
    fc.constant<Schema>({ type: 'string' }),
    fc.constant<Schema>({ type: 'string', default: 'x' }),
    fc.constant<Schema>({ type: 'string', nullable: true }),
    fc.constant<Schema>({ type: 'integer', default: 3 }),
    fc.constant<Schema>({ type: 'boolean' }),
    fc.constant<Schema>({ 'x-kubernetes-int-or-string': true }),
    fc.constant<Schema>({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
  ),
  object: fc
    .tuple(
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'), { maxKeys: 3 }),
      fc.boolean(),
      fc.option(tie('schema'), { nil: undefined }),
      fc.constantFrom(undefined, {}),
    )
    .map(
      ([properties, nullable, additional, value]): Schema => ({
        type: 'object',
        nullable,
        ...(additional === undefined ? { properties } : { additionalProperties: additional }),
        ...(value === undefined ? {} : { default: value }),
      }),
    ),
  array: tie('schema').map((items): Schema => ({ type: 'array', items })),
}))

const value = fc.anything({
  key: fc.constantFrom('a', 'b', 'c', 'd', 'metadata'),
  maxDepth: 4,
  values: [fc.constantFrom('x', '', 1, 2.5, true, null)],
})

describe('what holds for every schema and every object', () => {
  test('defaulting twice is defaulting once', () => {
    fc.assert(
      fc.property(schema, value, (s, v) => {
        const once = structuredClone(v)
        defaultObject(s, once)
        const twice = structuredClone(once)
        defaultObject(s, twice)
        expect(twice).toEqual(once)
      }),
    )
  })

  test('pruning twice is pruning once, and what is pruned is what was called unknown', () => {
    fc.assert(
      fc.property(schema, value, fc.boolean(), (s, v, resourceRoot) => {
        const once = structuredClone(v)
        const unknown = unknownFields(s, once, { resourceRoot })
        expect(once).toEqual(v)
        expect(pruneObject(s, once, { resourceRoot })).toEqual(unknown)
        const twice = structuredClone(once)
        expect(pruneObject(s, twice, { resourceRoot })).toEqual([])
        expect(twice).toEqual(once)
      }),
    )
  })

  test('an object that was valid is still valid after defaulting', () => {
    fc.assert(
      fc.property(schema, value, (s, v) => {
        if (validateObject(s, v).length > 0) return
        const defaulted = structuredClone(v)
        defaultObject(s, defaulted)
        expect(validateObject(s, defaulted).map(formatFieldError)).toEqual([])
      }),
    )
  })

  test('an update that changes nothing is never refused', () => {
    fc.assert(
      fc.property(schema, value, (s, v) => {
        fc.pre(v !== undefined)
        expect(validateObject(s, v, { old: structuredClone(v) })).toEqual([])
      }),
    )
  })
})

describe('defaulting', () => {
  const nested: Schema = {
    type: 'object',
    properties: {
      mode: { type: 'string', default: 'slow' },
      deep: { type: 'object', default: {}, properties: { n: { type: 'integer', default: 3 } } },
      optional: { type: 'object', properties: { x: { type: 'integer', default: 1 } } },
      list: { type: 'array', items: { type: 'object', properties: { y: { type: 'string', default: 'z' } } } },
      nullable: { type: 'string', nullable: true, default: 'd' },
    },
  }

  test('a defaulted object gets the defaults below it, an absent one without a default gets none', () => {
    const object = {}
    defaultObject(nested, object)
    expect(object).toEqual({ mode: 'slow', deep: { n: 3 }, nullable: 'd' })
  })

  test('null gives way to the default unless null is allowed', () => {
    const object = { mode: null, deep: null, nullable: null, optional: null }
    defaultObject(nested, object)
    expect(object).toEqual({ mode: 'slow', deep: { n: 3 }, nullable: null })
  })

  test('items of lists are defaulted, and defaults are not shared between objects', () => {
    const [a, b] = [{ list: [{}, { y: 'q' }] }, {}] as [Record<string, unknown>, Record<string, unknown>]
    defaultObject(nested, a)
    expect(a['list']).toEqual([{ y: 'z' }, { y: 'q' }])
    ;(a['deep'] as Record<string, unknown>)['n'] = 9
    defaultObject(nested, b)
    expect(b['deep']).toEqual({ n: 3 })
  })

  test('a schema may refer to itself', () => {
    const tree: { type: 'object'; properties: Record<string, Schema> } = { type: 'object', properties: {} }
    tree.properties['child'] = tree
    tree.properties['leaf'] = { type: 'string', default: 'x' }
    const object = { child: { child: {} } }
    defaultObject(tree, object)
    expect(object).toEqual({ leaf: 'x', child: { leaf: 'x', child: { leaf: 'x' } } })
  })
})

describe('pruning', () => {
  const schemaOf = (spec: Schema): Schema => ({ type: 'object', properties: { spec } })

  test('paths name fields and list positions', () => {
    const object = {
      kind: 'X',
      metadata: { name: 'n' },
      spec: { l: [{ a: 1 }, { a: 1, ghost: 2 }], other: 1 },
      status: {},
    }
    const schema = schemaOf({
      type: 'object',
      properties: { l: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer' } } } } },
    })
    expect(pruneObject(schema, object)).toEqual(['spec.l[1].ghost', 'spec.other', 'status'])
    expect(object).toEqual({ kind: 'X', metadata: { name: 'n' }, spec: { l: [{ a: 1 }, { a: 1 }] } })
  })

  test('below a preserving field what is specified is pruned again', () => {
    const schema = schemaOf({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
    })
    const object = { spec: { free: { x: 1 }, known: { a: 'b', ghost: 1 } } }
    expect(pruneObject(schema, object)).toEqual(['spec.known.ghost'])
  })

  test('an embedded resource keeps its type and metadata', () => {
    const schema = schemaOf({
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: { spec: { type: 'object', properties: {} } },
    })
    const object = { spec: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { a: 1 } } }
    expect(pruneObject(schema, object)).toEqual(['spec.spec.a'])
  })
})
