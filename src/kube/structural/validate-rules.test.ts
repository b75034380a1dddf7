import { describe, expect, test } from 'vitest'
import { formatFieldError } from '../field-error-format.ts'
import type { Schema, ValidationRule } from '../schema/types.ts'
import { validateRules } from './validate-rules.ts'

const withRule = (schema: Schema, rule: string | ValidationRule): Schema => ({
  ...schema,
  'x-kubernetes-validations': [typeof rule === 'string' ? { rule } : rule],
})
const at = (schema: Schema): Schema => ({ type: 'object', properties: { v: schema } })
const broken = (schema: Schema, value: unknown, old?: unknown): string[] =>
  validateRules(at(schema), { v: value }, old === undefined ? undefined : { v: old }).map(formatFieldError)

const text: Schema = { type: 'string' }
const list: Schema = { type: 'array', items: { type: 'integer' } }

describe('function libraries', () => {
  test.each<[Schema, unknown, string]>([
    [
      text,
      'https://example.com:8443/a%20b?x=1&x=2',
      "url(self).getHostname() == 'example.com' && url(self).getPort() == '8443'",
    ],
    [text, 'https://example.com/?x=1&x=2', "url(self).getQuery()['x'] == ['1', '2']"],
    [text, 'no url', '!isURL(self)'],
    [text, '10.0.0.7', "cidr('10.0.0.0/24').containsIP(self) && ip(self).family() == 4 && !ip(self).isLoopback()"],
    [text, '10.1.0.0/24', "isCIDR(self) && cidr('10.0.0.0/8').containsCIDR(self) && cidr(self).prefixLength() == 24"],
    [text, 'fe80::1', 'isIP(self) && ip(self).isLinkLocalUnicast()'],
    [text, '1500m', "quantity(self).isGreaterThan(quantity('1')) && !quantity(self).isInteger()"],
    [text, '2Gi', "quantity(self).add(quantity('1Gi')) == quantity('3Gi')"],
    [text, 'a-1-b-22', "self.find('[0-9]+') == '1' && self.findAll('[0-9]+') == ['1', '22']"],
    [text, 'aXbX', "self.replace('X', '-') == 'a-b-' && self.replace('X', '-', 1) == 'a-bX' && self.charAt(1) == 'X'"],
    [text, 'a.b', "self.split('.').size() == 2 && self.lowerAscii() == 'a.b'"],
    [text, 'x', "'%s is %d'.format([self, 3]) == 'x is 3'"],
    [
      list,
      [1, 2, 3],
      'self.isSorted() && self.sum() == 6 && self.max() == 3 && self.min() == 1 && self.indexOf(2) == 1',
    ],
    [list, [1, 2], 'sets.contains(self, [2]) && sets.intersects(self, [2, 9]) && !sets.equivalent(self, [1])'],
    [
      list,
      [1, 2, 2],
      'self.exists_one(x, x == 1) && self.filter(x, x == 2).size() == 2 && self.map(x, x * 2) == [2, 4, 4]',
    ],
    [{ 'x-kubernetes-int-or-string': true }, '50%', "type(self) == string ? self == '50%' : self > 0"],
    [{ 'x-kubernetes-int-or-string': true }, 3, "type(self) == string ? self == '50%' : self > 0"],
    [{ type: 'string', format: 'date-time' }, '2024-01-01T00:00:00Z', "self < timestamp('2030-01-01T00:00:00Z')"],
    [{ type: 'number' }, 2, 'self == 2.0'],
  ])('%j %j: %s', (schema, value, rule) => expect(broken(withRule(schema, rule), value)).toEqual([]))
})

describe('objects', () => {
  const object: Schema = {
    type: 'object',
    properties: {
      namespace: { type: 'string' },
      'a-b': { type: 'integer' },
      inner: { type: 'object', properties: { x: { type: 'integer' } } },
      other: { type: 'object', properties: { x: { type: 'integer' } } },
      nothing: { type: 'string', nullable: true },
    },
  }
  test.each([
    ["self.__namespace__ == 'n'"],
    ['self.a__dash__b == 1'],
    ['has(self.inner) && !has(self.other)'],
    ['self.inner == self.inner'],
    ['self.?other.?x.orValue(7) == 7'],
    ['self.nothing == null'],
  ])('%s', rule => {
    expect(broken(withRule(object, rule), { namespace: 'n', 'a-b': 1, inner: { x: 1 }, nothing: null })).toEqual([])
  })

  test('a resource has a kind and a name', () => {
    const schema = withRule({ type: 'object' }, "self.metadata.name.startsWith('a') && self.kind == 'X'")
    const object = (name: string): unknown => ({ apiVersion: 'v1', kind: 'X', metadata: { name, labels: {} } })
    expect(validateRules(schema, object('abc'))).toEqual([])
    expect(validateRules(schema, object('b'))).toHaveLength(1)
  })
})

describe('what is told', () => {
  test('scalars are quoted, objects and lists are not', () => {
    expect(broken(withRule(text, 'false'), 'x')).toEqual(['v: Invalid value: "x": failed rule: false'])
    expect(broken(withRule(list, 'false'), [1])).toEqual(['v: Invalid value: failed rule: false'])
  })

  test('a message may be computed, and gives way when it cannot be', () => {
    const rule = (messageExpression: string): ValidationRule => ({
      rule: 'self > 5',
      message: 'fixed',
      messageExpression,
    })
    const number: Schema = { type: 'integer' }
    expect(broken(withRule(number, rule("'is ' + string(self)")), 1)).toEqual(['v: Invalid value: 1: is 1'])
    expect(broken(withRule(number, rule('string(1 / (self - 1))')), 1)).toEqual(['v: Invalid value: 1: fixed'])
  })

  test('reason and field path', () => {
    const schema: Schema = { type: 'object', properties: { a: { type: 'object', properties: { b: text } } } }
    const rule: ValidationRule = {
      rule: 'has(self.a.b)',
      message: 'b is needed',
      reason: 'FieldValueRequired',
      fieldPath: '.a.b',
    }
    expect(broken(withRule(schema, rule), { a: {} })).toEqual(['v.a.b: Required value: b is needed'])
    expect(broken(withRule(schema, { ...rule, reason: 'FieldValueForbidden' }), { a: {} })).toEqual([
      'v.a.b: Forbidden: b is needed',
    ])
  })

  test('an expression that fails says why', () => {
    const schema: Schema = { type: 'object', properties: { a: { type: 'integer' } } }
    expect(broken(withRule(schema, 'self.a > 1'), {})).toEqual([
      'v: Invalid value: no such key: a evaluating rule: self.a > 1',
    ])
  })

  test.each([
    ['self[9] == 1', 'index out of bounds: 9'],
    ['self[0] / 0 == 1', 'division by zero'],
    ['self[0] % 0 == 1', 'modulus by zero'],
    ['self[0] + 9223372036854775807 == 1', 'integer overflow'],
    ["int('q') == self[0]", "type conversion error from 'string' to 'int'"],
  ])('%s: %s', (rule, why) => {
    expect(broken(withRule(list, rule), [1])).toEqual([`v: Invalid value: ${why} evaluating rule: ${rule}`])
  })

  test.each([
    ['self == 1', "found no matching overload for '_==_' applied to '(string, int)'"],
    ['nope(self)', "found no matching overload for 'nope' applied to '(string)'"],
    ['self.nope()', "found no matching overload for 'nope' applied to 'string.()'"],
    ['other == self', "undeclared reference to 'other' (in container '')"],
    ['self ==', 'Syntax error: Unexpected token: EOF'],
  ])('%s does not compile: %s', (rule, why) => expect(broken(withRule(text, rule), 'x')[0]).toContain(why))

  test('a rule that would take too long is not begun', () => {
    const huge = Array.from({ length: 2000 }, (_, i) => i)
    expect(broken(withRule(list, 'self.all(x, self.all(y, self.all(z, x + y + z >= 0)))'), huge)).toEqual([
      'v: Invalid value: validation failed due to running out of cost budget, no further validation rules will be run',
    ])
  })
})

describe('updates', () => {
  test('a transition rule runs only where there is an old value', () => {
    const schema = withRule(text, { rule: 'self == oldSelf', message: 'is immutable' })
    expect(broken(schema, 'a')).toEqual([])
    expect(broken(schema, 'b', 'a')).toEqual(['v: Invalid value: "b": is immutable'])
    expect(broken(schema, 'a', 'a')).toEqual([])
  })

  test('with optionalOldSelf it runs on creates, too', () => {
    const schema = withRule(text, { rule: "oldSelf.hasValue() || self == 'first'", optionalOldSelf: true })
    expect(broken(schema, 'first')).toEqual([])
    expect(broken(schema, 'second')).toHaveLength(1)
    expect(broken(schema, 'second', 'first')).toEqual([])
  })

  test('items of a list of type map are compared by their keys', () => {
    const item = withRule(
      { type: 'object', properties: { k: text, n: { type: 'integer' } } },
      { rule: 'self.n >= oldSelf.n', message: 'n may only grow' },
    )
    const schema: Schema = {
      type: 'array',
      items: item,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    }
    expect(
      broken(
        schema,
        [
          { k: 'b', n: 0 },
          { k: 'a', n: 1 },
        ],
        [{ k: 'a', n: 2 }],
      ),
    ).toEqual(['v[1]: Invalid value: n may only grow'])
  })

  test('a broken rule is forgiven where the value did not change', () => {
    const schema: Schema = {
      type: 'object',
      properties: { a: withRule(text, "self != 'bad'"), b: text },
    }
    expect(broken(schema, { a: 'bad', b: '2' }, { a: 'bad', b: '1' })).toEqual([])
    expect(broken(schema, { a: 'bad' }, { a: 'good' })).toHaveLength(1)
    const forgiven: string[] = []
    validateRules(
      at(schema),
      { v: { a: 'bad', b: '2' } },
      { v: { a: 'bad' } },
      {
        onForgiven: error => forgiven.push(formatFieldError(error)),
      },
    )
    expect(forgiven).toEqual([`v.a: Invalid value: "bad": failed rule: self != 'bad'`])
  })
})
