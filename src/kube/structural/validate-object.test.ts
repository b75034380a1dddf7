import { describe, expect, test } from 'vitest'
import { formatFieldError } from '../field-error-format.ts'
import type { Schema } from '../schema/types.ts'
import { validateCustomResource } from './validate-custom-resource.ts'
import { validateObject } from './validate-object.ts'

const errorsOf = (schema: Schema, value: unknown, old?: unknown): string[] =>
  validateObject(
    { type: 'object', properties: { v: schema } },
    { v: value },
    old === undefined ? {} : { old: { v: old } },
  ).map(formatFieldError)

describe('types', () => {
  test('null is refused unless it is allowed', () => {
    expect(errorsOf({ type: 'string' }, null)).toEqual([
      'v: Invalid value: "null": v in body must be of type string: "null"',
    ])
    expect(errorsOf({ type: 'string', nullable: true }, null)).toEqual([])
  })

  test('a number or a text where both may stand', () => {
    const schema: Schema = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }
    expect(errorsOf(schema, 1)).toEqual([])
    expect(errorsOf(schema, '50%')).toEqual([])
    expect(errorsOf(schema, true)).toEqual([
      'v: Invalid value: "boolean": v in body must be of type integer,string: "boolean"',
      '<nil>: Invalid value: "": "v" must validate at least one schema (anyOf)',
      'v: Invalid value: "boolean": v in body must be of type integer: "boolean"',
    ])
  })

  test('a number beyond int32 is told without a field', () => {
    expect(errorsOf({ type: 'integer', format: 'int32' }, 3_000_000_000)).toEqual([
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in v',
    ])
    expect(errorsOf({ type: 'integer', format: 'int64' }, 3_000_000_000)).toEqual([])
  })

  test('a number where a time is wanted', () => {
    expect(errorsOf({ type: 'string', format: 'date-time' }, 1)).toEqual([
      'v: Invalid value: "int64": v in body must be of type date-time: "int64"',
    ])
  })
})

describe('formats', () => {
  const good: Record<string, string[]> = {
    'date-time': ['2024-02-29T12:00:00Z', '2024-01-01T00:00:00.123+02:00'],
    date: ['2024-02-29'],
    duration: ['1h30m', '22 ns', '3 days', '0'],
    uri: ['https://example.com/x', '/path', 'mailto:a@example.com'],
    email: ['a@example.com', 'A <a@example.com>'],
    hostname: ['example.com', 'a'],
    ipv4: ['10.0.0.1'],
    ipv6: ['::1', '2001:db8::1'],
    cidr: ['10.0.0.0/8', '2001:db8::/32'],
    mac: ['00:00:5e:00:53:01'],
    uuid: ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000'],
    uuid4: ['123e4567-e89b-42d3-a456-426614174000'],
    byte: ['aGVsbG8='],
    hexcolor: ['#fff'],
    isbn: ['0321751043', '978-0321751041'],
    creditcard: ['4111 1111 1111 1111'],
    quantity: ['100m', '1Gi', '1e3'],
    'k8s-short-name': ['a-b'],
    unheardof: ['anything'],
  }
  const bad: Record<string, string[]> = {
    'date-time': ['2024-02-30T12:00:00Z', '2024-01-01', 'now'],
    date: ['2023-02-29', '24-01-01'],
    duration: ['soon', '1'],
    uri: ['', 'no-scheme', 'http://a b'],
    email: ['a', 'a@'],
    ipv4: ['10.0.0.256', '::1'],
    ipv6: ['10.0.0.1'],
    cidr: ['10.0.0.0', '10.0.0.0/33'],
    mac: ['00:00'],
    uuid: ['123'],
    uuid4: ['123e4567-e89b-12d3-a456-426614174000'],
    byte: ['%%%', 'abc'],
    isbn: ['0321751044'],
    creditcard: ['4111 1111 1111 1112'],
    quantity: ['lots'],
    'k8s-short-name': ['A', '-a'],
  }
  for (const [format, texts] of Object.entries(good)) {
    test.each(texts)(`%j is a ${format}`, text => expect(errorsOf({ type: 'string', format }, text)).toEqual([]))
  }
  for (const [format, texts] of Object.entries(bad)) {
    test.each(texts)(`%j is no ${format}`, text => {
      const seen = JSON.stringify(text)
      expect(errorsOf({ type: 'string', format }, text)).toEqual([
        `v: Invalid value: ${seen}: v in body must be of type ${format}: ${seen}`,
      ])
    })
  }
})

describe('alternatives', () => {
  test('the errors of the nearest alternative are told', () => {
    const schema: Schema = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'integer' }, c: { type: 'integer' } },
      anyOf: [{ required: ['c'] }, { required: ['a', 'b'], properties: { b: { minimum: 5 } } }],
    }
    expect(errorsOf(schema, { a: 'x', b: 1 })).toEqual([
      '<nil>: Invalid value: "": "v" must validate at least one schema (anyOf)',
      'v.b: Invalid value: 1: v.b in body should be greater than or equal to 5',
    ])
  })

  test('all of several', () => {
    const schema: Schema = { type: 'string', allOf: [{ minLength: 2 }, { pattern: '^a' }] }
    expect(errorsOf(schema, 'ab')).toEqual([])
    expect(errorsOf(schema, 'b')).toEqual([
      'v: Invalid value: "b": v in body should be at least 2 chars long',
      'v: Invalid value: "b": v in body should match \'^a\'',
      '<nil>: Invalid value: "": "v" must validate all the schemas (allOf). None validated',
    ])
  })
})

describe('updates', () => {
  const schema: Schema = { type: 'object', properties: { a: { type: 'string', maxLength: 2 }, b: { type: 'string' } } }

  test('a value that was wrong before and did not change is forgiven', () => {
    expect(errorsOf(schema, { a: 'long', b: 'new' }, { a: 'long', b: 'old' })).toEqual([])
    expect(errorsOf(schema, { a: 'longer' }, { a: 'long' })).toEqual(['v.a: Too long: may not be more than 2 bytes'])
  })

  test('items of a list of type map are told apart by their keys, those of others are not', () => {
    const items: Schema = { type: 'object', properties: { k: { type: 'string' }, n: { type: 'integer', maximum: 3 } } }
    const list = (extra: Partial<Schema>): Schema => ({ type: 'array', items, ...extra })
    const before = [{ k: 'a', n: 9 }]
    const after = [
      { k: 'b', n: 1 },
      { k: 'a', n: 9 },
    ]
    const byKey = list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] })
    expect(errorsOf(byKey, after, before)).toEqual([])
    expect(errorsOf(list({}), after, before)).toEqual([
      'v[1].n: Invalid value: 9: v[1].n in body should be less than or equal to 3',
    ])
  })

  test('duplicates that were there before are forgiven', () => {
    const set: Schema = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }
    expect(errorsOf(set, ['a', 'a', 'b'], ['a', 'a'])).toEqual([])
    expect(errorsOf(set, ['a', 'a'], ['a'])).toEqual(['v[1]: Duplicate value: "a"'])
  })
})

describe('resources in resources', () => {
  const schema: Schema = {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  }

  test('need a version and a kind, and follow the rules of metadata', () => {
    expect(errorsOf(schema, { kind: 'Pod', metadata: { labels: { 'a b': 'c' } } })).toEqual([
      'v.apiVersion: Required value',
      "v.metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ])
  })
})

test('rules are not evaluated for an object of the wrong shape, and it is said', () => {
  const schema: Schema = {
    type: 'object',
    properties: { n: { type: 'integer' } },
    'x-kubernetes-validations': [{ rule: 'self.n > 0' }],
  }
  expect(validateCustomResource(schema, { n: 'x' }).map(formatFieldError)).toEqual([
    'n: Invalid value: "string": n in body must be of type integer: "string"',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ])
  expect(validateCustomResource(schema, { n: 0 }).map(formatFieldError)).toEqual([
    '<nil>: Invalid value: failed rule: self.n > 0',
  ])
})
