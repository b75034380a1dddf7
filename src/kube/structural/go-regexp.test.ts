import { setFlagsFromString } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { compileGoRegExp } from './go-regexp.ts'

const matches = (pattern: string, text: string): boolean | string => {
  const compiled = compileGoRegExp(pattern)
  return typeof compiled === 'string' ? compiled : compiled.test(text)
}

describe('patterns of Go', () => {
  test.each([
    ['^[a-z]+$', 'abc', true],
    ['^[a-z]+$', 'abc\n', false],
    ['(?i)^abc$', 'ABC', true],
    ['^(?P<name>a)b$', 'ab', true],
    ['^[[:alpha:]_]+$', 'a_B', true],
    ['^[[:alpha:]_]+$', 'a1', false],
    ['\\Aab\\z', 'ab', true],
    ['^\\Qa.b\\E$', 'a.b', true],
    ['^\\Qa.b\\E$', 'axb', false],
    ['^\\pL+$', 'é', true],
    ['^\\x{e9}$', 'é', true],
    ['^[^\\s]+$', 'a\u00a0b', true],
    ['^[]a]+$', ']a', true],
    ['^a{,3}$', 'a{,3}', true],
    ['^[\\w.\\-/]+$', 'a-b/c.d', true],
    ['^(http|https|ssh)://.*$', 'ssh://git@example.com', true],
    ['^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$', '1h30m', true],
    ['^[-._a-zA-Z0-9]+$', 'a-b', true],
    ['^\\-\\/\\"$', '-/"', true],
    ['^.$', '😀', true],
  ])('%j on %j: %s', (pattern, text, expected) => expect(matches(pattern, text)).toBe(expected))

  test.each([
    ['(', 'error parsing regexp: missing closing ): `(`'],
    ['a)', 'error parsing regexp: unexpected ): `a)`'],
    ['[a', 'error parsing regexp: missing closing ]: `[a`'],
    ['*a', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['a\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['(?<!a)b', 'error parsing regexp: invalid or unsupported Perl syntax: `(?<!`'],
    ['(a)\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
    ['a{2000}', 'error parsing regexp: invalid repeat count: `{2000}`'],
  ])('%j is refused: %s', (pattern, complaint) => expect(compileGoRegExp(pattern)).toBe(complaint))
})

test('stays quick on a hostile pattern whatever characters the text has', () => {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  const pattern = compileGoRegExp('^(a+)+$')
  if (typeof pattern === 'string') throw new Error(pattern)
  expect(pattern.test(`${'a'.repeat(40)}\u{1f600}b`)).toBe(false)
  expect(pattern.test('a'.repeat(40))).toBe(true)
  const dot = compileGoRegExp('^.$')
  if (typeof dot === 'string') throw new Error(dot)
  expect(dot.test('\u{1f600}')).toBe(true)
})
