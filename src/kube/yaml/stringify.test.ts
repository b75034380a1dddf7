import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareKeys } from './key-order.ts'
import { parseYaml, parseYamlStream } from './parse.ts'
import { stringifyYaml, stringifyYamlStream } from './stringify.ts'

describe('stringifyYaml', () => {
  it('writes the form of sigs.k8s.io/yaml', () => {
    const value = {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      spec: {
        ports: [{ port: 80, name: 'http' }, []],
        nested: [[1, 2], [{ a: 1, b: 2 }]],
        empty: {},
        none: null,
        gone: undefined,
      },
      script: '#!/bin/sh\n\nexit 0\n',
    }
    expect(stringifyYaml(value)).toBe(`apiVersion: apps/v1
kind: Deployment
script: |
  #!/bin/sh

  exit 0
spec:
  empty: {}
  nested:
  - - 1
    - 2
  - - a: 1
      b: 2
  none: null
  ports:
  - name: http
    port: 80
  - []
`)
  })

  it.each([
    ['on', '"on"'],
    ['y', '"y"'],
    ['1e3', '"1e3"'],
    ['0777', '"0777"'],
    ['0o17', '"0o17"'],
    ['1_000', '"1_000"'],
    ['null', '"null"'],
    ['~', '"~"'],
    ['', '""'],
    ['2024-01-01', '"2024-01-01"'],
    ['12:30:45', '"12:30:45"'],
    ['.inf', '".inf"'],
    ['<<', '"<<"'],
    ['a: b', "'a: b'"],
    ['a #b', "'a #b'"],
    ['*a', "'*a'"],
    ['- a', "'- a'"],
    ["'", "''''"],
    [' a', "' a'"],
    ['a\tb', '"a\\tb"'],
    ['\u2028', '"\\L"'],
    ['😀', '"\\U0001F600"'],
    ['nginx:1.27', 'nginx:1.27'],
    ['a#b', 'a#b'],
    ['é', 'é'],
    ['a\n', '|\n  a'],
    ['a\nb', '|-\n  a\n  b'],
    ['a\n\n', '|+\n  a\n'],
    ['\n', '|2+\n'],
    ['\n\n', '|2+\n\n'],
    [' a\nb', '|2-\n   a\n  b'],
    ['a\nb ', '"a\\nb "'],
    ['a\r\nb', '"a\\r\\nb"'],
  ])('writes the text %j as %s', (text, written) => {
    expect(stringifyYaml({ k: text })).toBe(`k: ${written}\n`)
    expect(parseYaml(stringifyYaml({ k: text, l: [text] }))).toEqual({ k: text, l: [text] })
  })

  it.each([
    [0.1, '0.1'],
    [1e21, '1e+21'],
    [1234567.5, '1.2345675e+06'],
    [1e-7, '1e-07'],
    [-0, '0'],
    [9007199254740991, '9007199254740991'],
  ])('writes the number %d as %s', (number, written) => {
    expect(stringifyYaml({ k: number })).toBe(`k: ${written}\n`)
  })

  it('sorts keys as people do', () => {
    const keys = ['b', 'a10', 'a2', 'A', 'a-b', 'ab', '10', '9', 'a01', 'é']
    expect(keys.toSorted(compareKeys)).toEqual(['9', '10', 'A', 'a-b', 'a01', 'a2', 'a10', 'ab', 'b', 'é'])
  })

  it('is undone by parseYaml for any JSON value', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(' ', '\n', 'a', '#', ':', '-', '\t', '|', '"') }),
    )
    const value = fc.letrec(tie => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map(n => (Object.is(n, -0) ? 0 : n)),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4 }).map(o => ({ ...o })),
      ),
    })).value
    fc.assert(
      fc.property(value, v => {
        expect(parseYaml(stringifyYaml(v))).toEqual(v)
      }),
      { numRuns: 1500 },
    )
  })

  it('sorts keys into one order that has no cycles', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '0', '1', '9', '-', '.', 'é', '😀'), maxLength: 6 })
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareKeys(a, b)) + Math.sign(compareKeys(b, a))).toBe(0)
        expect(compareKeys(a, b) === 0).toBe(a === b)
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses what JSON has no form for, and cycles', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    for (const value of [Number.NaN, new Date(), new Map([[1, 2]]), () => 1, 1n, cycle]) {
      expect(() => stringifyYaml({ k: value })).toThrow(/cannot be written as YAML/)
    }
  })

  it('writes streams that can be read again', () => {
    const values = [{ a: 1 }, { b: '---\nx\n' }, { c: [] }]
    expect(parseYamlStream(stringifyYamlStream(values)).map(d => d.value)).toEqual(values)
  })
})
