import { describe, expect, test } from 'vitest'
import { causesOf, formatFieldError, invalidMessage } from './field-error-format.ts'
import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './field-errors.ts'

describe('field errors as the API server words them', () => {
  test.each([
    [required('spec.a'), 'spec.a: Required value'],
    [required('spec.a', 'because'), 'spec.a: Required value: because'],
    [invalid('spec.n', -1, 'must be positive'), 'spec.n: Invalid value: -1: must be positive'],
    [invalid('spec.s', 'a"b', 'no'), 'spec.s: Invalid value: "a\\"b": no'],
    [invalid('spec.o', { b: 1, a: 2 }, 'no'), 'spec.o: Invalid value: {"a":2,"b":1}: no'],
    [invalid('spec.o', undefined, 'a rule'), 'spec.o: Invalid value: a rule'],
    [invalid('', null, 'a rule'), '<nil>: Invalid value: null: a rule'],
    [typeInvalid('spec.s', 'integer', 'of type string'), 'spec.s: Invalid value: "integer": of type string'],
    [notSupported('spec.e', 'x', ['a', 'b']), 'spec.e: Unsupported value: "x": supported values: "a", "b"'],
    [forbidden('spec.f', 'not now'), 'spec.f: Forbidden: not now'],
    [duplicate('spec.l[1]', 'x'), 'spec.l[1]: Duplicate value: "x"'],
    [notFound('spec.v', 'x'), 'spec.v: Not found: "x"'],
    [tooLong('spec.s', 4), 'spec.s: Too long: may not be more than 4 bytes'],
    [tooMany('spec.l', 3, 1), 'spec.l: Too many: 3: must have at most 1 item'],
    [tooMany('spec.l', 3, 2), 'spec.l: Too many: 3: must have at most 2 items'],
  ])('%j', (error, text) => expect(formatFieldError(error)).toBe(text))

  test('the message of one error has no brackets, that of several has, and equal errors are told once', () => {
    const [a, b] = [required('spec.a'), required('spec.b')]
    expect(invalidMessage('Widget.example.com', 'x', [a])).toBe(
      'Widget.example.com "x" is invalid: spec.a: Required value',
    )
    expect(invalidMessage('ConfigMap', 'x', [a, b, a])).toBe(
      'ConfigMap "x" is invalid: [spec.a: Required value, spec.b: Required value]',
    )
  })

  test('causes carry type, body and field; the root is named <nil>', () => {
    expect(causesOf([invalid('', '', 'x')])).toEqual([
      { reason: 'FieldValueInvalid', message: 'Invalid value: "": x', field: '<nil>' },
    ])
  })
})
