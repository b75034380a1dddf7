import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FieldSet } from './field-set.ts'
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts'
import { compareElements, fieldElement, formatPath, keyElement, parseElement, valueElement } from './path-element.ts'

const set = (...paths: string[]): FieldSet => FieldSet.of(...paths.map(path => path.split('/').map(fieldElement)))

const scalar = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.integer(),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const step = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map(fieldElement),
  fc.string().map(fieldElement),
  scalar.map(valueElement),
  fc.tuple(scalar, scalar).map(([name, port]) =>
    keyElement([
      ['name', name],
      ['port', port],
    ]),
  ),
  fc.nat(5).map(index => `i:${index}`),
)
const sets = fc
  .array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 8 })
  .map(paths => FieldSet.of(...paths))

describe('a field set', () => {
  it('tells a parent from its children', () => {
    const some = set('a/b', 'a/b/c', 'd')
    expect(some.has(['f:a'])).toBe(false)
    expect(some.has(['f:a', 'f:b'])).toBe(true)
    expect(some.difference(set('a/b')).paths().map(formatPath)).toEqual(['.d', '.a.b.c'])
    expect(some.without(set('a/b')).paths().map(formatPath)).toEqual(['.d'])
    expect(some.within(set('a')).paths().map(formatPath)).toEqual(['.a.b', '.a.b.c'])
    expect(some.leaves().paths().map(formatPath)).toEqual(['.d', '.a.b.c'])
  })

  it('lists what is in it before what is below, as Kubernetes words conflicts', () => {
    const some = FieldSet.of(
      ['f:spec', 'f:containers', 'k:{"name":"app"}', 'f:args'],
      ['f:spec', 'f:tolerations'],
      ['f:spec', 'f:args', 'v:"x"'],
      ['f:spec', 'f:args', 'i:3'],
    )
    expect(some.paths().map(formatPath)).toEqual([
      '.spec.tolerations',
      '.spec.args[="x"]',
      '.spec.args[3]',
      '.spec.containers[name="app"].args',
    ])
  })

  it('obeys the laws of sets', () => {
    fc.assert(
      fc.property(sets, sets, sets, (a, b, c) => {
        expect(a.union(b).equals(b.union(a))).toBe(true)
        expect(
          a
            .union(b)
            .union(c)
            .equals(a.union(b.union(c))),
        ).toBe(true)
        expect(a.union(a)).toBe(a)
        expect(a.intersection(b).equals(b.intersection(a))).toBe(true)
        expect(a.difference(b).union(a.intersection(b)).equals(a)).toBe(true)
        expect(a.difference(b).intersection(b).isEmpty).toBe(true)
        expect(a.without(b).union(a.within(b)).equals(a)).toBe(true)
        for (const path of a.paths()) expect(a.difference(b).has(path)).toBe(!b.has(path))
      }),
    )
  })
})

describe('fieldsV1', () => {
  it('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(sets, some => {
        const json = JSON.stringify(toFieldsV1(some))
        const again = fromFieldsV1(JSON.parse(json))!
        expect(again.equals(some)).toBe(true)
        expect(JSON.stringify(toFieldsV1(again))).toBe(json)
      }),
    )
  })

  it('has the byte order of the original: the field itself, then fields, keys, values and indexes', () => {
    const some = FieldSet.of(
      ['f:list', 'i:10'],
      ['f:list', 'i:9'],
      ['f:list', 'v:true'],
      ['f:list', 'v:"b"'],
      ['f:list', 'v:10'],
      ['f:list', 'v:9'],
      ['f:list', 'k:{"a":1,"b":"x"}'],
      ['f:list', 'k:{"a":1}'],
      ['f:list', 'f:z'],
      ['f:list', 'f:Z'],
      ['f:list', 'f:é'],
      ['f:list'],
      ['f:list', 'f:z', 'f:y'],
    )
    expect(JSON.stringify(toFieldsV1(some))).toBe(
      '{"f:list":{".":{},"f:Z":{},"f:z":{".":{},"f:y":{}},"f:é":{},"k:{\\"a\\":1}":{},"k:{\\"a\\":1,\\"b\\":\\"x\\"}":{},' +
        '"v:9":{},"v:10":{},"v:\\"b\\"":{},"v:true":{},"i:9":{},"i:10":{}}}',
    )
  })

  it('is read leniently where Kubernetes is, and not at all when it is malformed', () => {
    expect(fromFieldsV1({ 'x:future': {}, 'f:a': {} })!.paths()).toEqual([['f:a']])
    expect(fromFieldsV1({ 'v:1.0': {} })!.has(['v:1'])).toBe(true)
    expect(fromFieldsV1({ 'k:{"b":1,"a":2}': {} })!.has(['k:{"a":2,"b":1}'])).toBe(true)
    expect(fromFieldsV1({})!.isEmpty).toBe(true)
    expect(fromFieldsV1({ f: {} })).toBeUndefined()
    expect(fromFieldsV1({ 'f:a': 'x' })).toBeUndefined()
    expect(fromFieldsV1({ 'v:{': {} })).toBeUndefined()
    expect(fromFieldsV1({ 'i:one': {} })).toBeUndefined()
    expect(fromFieldsV1([])).toBeUndefined()
  })
})

describe('path elements', () => {
  it('are written as Go writes JSON', () => {
    expect(valueElement('<a&b>')).toBe('v:"\\u003ca\\u0026b\\u003e"')
    expect(parseElement('v:"<"')).toBe('v:"\\u003c"')
    expect(formatPath(['v:"\\u003c"'])).toBe('[="<"]')
  })

  it('are ordered by bytes, also beyond the basic plane', () => {
    expect(compareElements('f:\u{1f600}', 'f:\uffee')).toBeGreaterThan(0)
    expect(Buffer.compare(Buffer.from('\u{1f600}'), Buffer.from('\uffee'))).toBe(1)
  })

  it('order totally', () => {
    fc.assert(
      fc.property(step, step, (a, b) => {
        expect(Math.sign(compareElements(a, b))).toBe(-Math.sign(compareElements(b, a)) + 0)
        if (a === b) expect(compareElements(a, b)).toBe(0)
      }),
    )
  })
})
