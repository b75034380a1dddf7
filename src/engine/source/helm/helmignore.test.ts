import { expect, test } from 'vitest'
import { globMatches, HelmIgnore } from './helmignore.ts'

test.each([
  ['*.bak', 'x.bak', true],
  ['*.bak', 'a/x.bak', true],
  ['/x.bak', 'a/x.bak', false],
  ['docs/', 'docs/a/b', true],
  ['docs/', 'docs', false],
  ['a/*.md', 'a/x.md', true],
  ['a/*.md', 'a/b/x.md', false],
  ['', 'templates/.swp', true],
  ['', 'templates/a/.swp', false],
  ['!*.yaml', 'x.txt', true],
  ['!*.yaml', 'x.yaml', false],
  ['# x\n  \n*.md', 'x.md', true],
])('%j and %s: %s', (text, path, expected) => {
  expect(new HelmIgnore(text).ignores(path)).toBe(expected)
})

test('patterns are those of Go, read in no time', () => {
  expect(globMatches('a[b-d]e', 'ace')).toBe(true)
  expect(globMatches('a[^b-d]e', 'ace')).toBe(false)
  expect(globMatches('a?c', 'a/c')).toBe(false)
  expect(globMatches('a\\*c', 'a*c')).toBe(true)
  expect(globMatches(`${'*a'.repeat(500)}b`, 'a'.repeat(5000))).toBe(false)
  expect(() => new HelmIgnore('a/**')).toThrow('double-star')
})
