import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goJsonError } from './go-json-error.ts'
import { scanJson } from './json-text.ts'

describe("Go's words for broken JSON", () => {
  it.each([
    ['data:\n', "invalid character 'd' looking for beginning of value"],
    ['nonsense', "invalid character 'o' in literal null (expecting 'u')"],
    ['{"a"', 'unexpected end of JSON input'],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
  ])('says of %j: %s', (text, message) => {
    expect(goJsonError(text)).toBe(message)
  })

  it('finds fault with exactly the texts that JSON.parse refuses', () => {
    fc.assert(fc.property(fc.json(), text => void expect(goJsonError(text)).toBeUndefined()))
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (text, at, char) => {
        const broken = text.slice(0, at % text.length) + char + text.slice((at % text.length) + 1)
        let good = true
        try {
          JSON.parse(broken)
        } catch {
          good = false
        }
        expect(goJsonError(broken) === undefined, broken).toBe(good)
      }),
    )
  })
})

describe('the scan of a JSON text', () => {
  it('finds keys that stand twice, at any depth, and nothing else', () => {
    expect(scanJson('{"a":1,"b":{"c":[{"d":1,"d":2}],"c":"}"},"a":"\\"a\\":"}').duplicates).toEqual([
      'b.c[0].d',
      'b.c',
      'a',
    ])
    fc.assert(fc.property(fc.jsonValue(), value => void expect(scanJson(JSON.stringify(value)).duplicates).toEqual([])))
  })

  it('refuses nesting without end', () => {
    expect(() => scanJson('['.repeat(100_000))).toThrow(/max depth/)
    expect(() => scanJson('{"a":'.repeat(100_000))).toThrow(/max depth/)
  })
})
