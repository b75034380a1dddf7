import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ExpansionError, expand } from './expand.ts'

const variables = new Map([
  ['name', 'cluster-One'],
  ['file', '/srv/app/data.tar.gz'],
  ['path', 'a/b/a'],
  ['empty', ''],
  ['other', 'second'],
  ['Größe', 'groß'],
])

describe('an expression is expanded as Flux documents it', () => {
  test.each([
    ['plain text', 'plain text'],
    ['${name}', 'cluster-One'],
    ['a $name b', 'a $name b'],
    ['cost: 5$', 'cost: 5$'],
    ['$${name}', '${name}'],
    ['$$$${name}', '$${name}'],
    ['$$${name}', '$cluster-One'],
    ['$$ and $$', '$ and $'],
    ['${Größe}', 'groß'],
    ['${#name}', '11'],
    ['${#Größe}', '5'],
    ['${name^}', 'Cluster-One'],
    ['${name^^}', 'CLUSTER-ONE'],
    ['${name,}', 'cluster-One'],
    ['${name,,}', 'cluster-one'],
    ['${name:8}', 'One'],
    ['${name:0:7}', 'cluster'],
    ['${name:-3}', 'cluster-One'],
    ['${name:99}', ''],
    ['${name:1:-1}', 'luster-On'],
    ['${name:x}', 'cluster-One'],
    ['${file#*/}', 'srv/app/data.tar.gz'],
    ['${file##*/}', 'data.tar.gz'],
    ['${file%.*}', '/srv/app/data.tar'],
    ['${file%%.*}', '/srv/app/data'],
    ['${file#/s?v}', '/app/data.tar.gz'],
    ['${file#/[a-z]}', 'rv/app/data.tar.gz'],
    ['${file#[^a-z]}', 'srv/app/data.tar.gz'],
    ['${file#[}', '/srv/app/data.tar.gz'],
    ['${path/a/x}', 'x/b/a'],
    ['${path//a/x}', 'x/b/x'],
    ['${path/#a/x}', 'x/b/a'],
    ['${path/%a/x}', 'a/b/x'],
    ['${path/#/pre-}', 'pre-a/b/a'],
    ['${path/b/}', 'a//a'],
    ['${path//\\//-}', 'a-b-a'],
    ['${path/./x}', 'a/b/a'],
    ['${missing=d}', 'd'],
    ['${missing:=d}', 'd'],
    ['${missing:-d}', 'd'],
    ['${missing:?d}', 'd'],
    ['${missing:+d}', 'd'],
    ['${missing:=}', ''],
    ['${empty:=d}', 'd'],
    ['${name:=d}', 'cluster-One'],
    ['${name:+d}', 'cluster-One'],
    ['${missing:=${other}}', 'second'],
    ['${missing:=a-${other}-b}', 'a-second-b'],
    ['${missing:=${gone:=deep}}', 'deep'],
    ['x: ${name} y: ${other}', 'x: cluster-One y: second'],
  ])('%s', (text, expected) => {
    expect(expand(text, variables)).toBe(expected)
  })
})

describe('what cannot be expanded fails the build', () => {
  test.each([
    ['${missing}', 'variable not set (strict mode): "missing"'],
    ['${#missing}', 'variable not set'],
    ['${missing^^}', 'variable not set'],
    ['${missing/a/b}', 'variable not set'],
    ['${name', 'missing closing brace'],
    ['${name-d}', 'missing closing brace'],
    ['${AUTH[@]}', 'missing closing brace'],
    ['${}', 'unable to parse variable name'],
    ['${ name }', 'unable to parse variable name'],
    ['${name:}', 'unable to parse substitution within function'],
    ['${name/a}', 'bad substitution'],
    ['${name^x}', 'bad substitution'],
    ['${name:=d', 'unable to parse substitution within function'],
  ])('%s', (text, message) => {
    expect(() => expand(text, variables)).toThrow(ExpansionError)
    expect(() => expand(text, variables)).toThrow(message)
  })
})

test('text without a dollar sign is never changed', () => {
  fc.assert(
    fc.property(
      fc.string().filter(text => !text.includes('$')),
      text => expand(text, variables) === text,
    ),
  )
})

test('a value is put in as it is, whatever it holds, and is not expanded again', () => {
  fc.assert(fc.property(fc.string(), value => expand('<${v}>', new Map([['v', value]])) === `<${value}>`))
})

test('doubling every dollar sign protects any text', () => {
  fc.assert(fc.property(fc.string(), text => expand(text.replaceAll('$', '$$$$'), variables) === text))
})

test('any text ends: expanded, or refused with an ExpansionError', () => {
  const pieces = fc.constantFrom(
    '$',
    '{',
    '}',
    ':',
    '=',
    '-',
    '/',
    '#',
    '%',
    '^',
    ',',
    'a',
    'name',
    '\\',
    '*',
    '[',
    ']',
    '?',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 24 }), parts => {
      try {
        expand(parts.join(''), variables)
      } catch (error) {
        if (!(error instanceof ExpansionError)) throw error
      }
    }),
    { numRuns: 2000 },
  )
})

test('deep nesting is refused, not overflowed', () => {
  expect(() => expand('${a:='.repeat(100_000), variables)).toThrow('bad substitution')
})

test('a pattern with many stars on a long value ends at once', () => {
  const started = performance.now()
  expand(`\${v##${'*a'.repeat(30)}b}`, new Map([['v', 'a'.repeat(20_000)]]))
  expect(performance.now() - started).toBeLessThan(2000)
})
