import { describe, expect, test } from 'vitest'
import { GoStruct, goJson, goNumber, goQuote } from './go-format.ts'

describe('values as Go prints them', () => {
  test.each([
    ['plain', '"plain"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['a\\b', '"a\\\\b"'],
    ['line\nnext\ttab', '"line\\nnext\\ttab"'],
    ['\x00\x7f', '"\\x00\\x7f"'],
    ['é ü 世界', '"é ü 世界"'],
    ['a\u00a0b\u200b', '"a\\u00a0b\\u200b"'],
    ['😀', '"😀"'],
  ])('%j is quoted as %s', (text, quoted) => expect(goQuote(text)).toBe(quoted))

  test.each([
    [5, '5'],
    [-0, '0'],
    [1.5, '1.5'],
    [0.00001, '1e-05'],
    [1e21, '1e+21'],
    [123456789012, '123456789012'],
  ])('the number %d is %s', (value, text) => expect(goNumber(value)).toBe(text))

  test('maps are written in the order of their keys, structs in the order of their fields', () => {
    expect(goJson({ b: 1, a: { d: [true, null], c: 'x' } })).toBe('{"a":{"c":"x","d":[true,null]},"b":1}')
    expect(goJson(new GoStruct({ b: 1, a: 2, gone: undefined }))).toBe('{"b":1,"a":2}')
  })

  test('angle brackets and ampersands are escaped', () => {
    expect(goJson('<a&b>')).toBe('"\\u003ca\\u0026b\\u003e"')
  })
})
