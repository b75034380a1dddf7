import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRange } from './constraint.ts'
import { newestInRange } from './newest.ts'
import { compareVersions, formatVersion, parseStrictVersion, parseVersion } from './version.ts'

function includes(range: string, version: string): boolean | string {
  const parsed = parseRange(range)
  return typeof parsed === 'string' ? parsed : parsed.includes(parseVersion(version)!)
}

describe('a range', () => {
  // Behaviours of Masterminds/semver 3.4 (README and its own table of cases).
  test.each([
    ['=2.0.0', '1.2.3', false],
    ['=2.0.0', '2.0.0', true],
    ['=2.0', '2.0.5', true],
    ['=2.0', '2.1.0', false],
    ['4.1', '4.1.0', true],
    ['4.1.x', '4.1.3', true],
    ['1.x', '1.4', true],
    ['!=4.1.0', '4.1.0', false],
    ['!=4.1.0', '4.1.1', true],
    ['!=4.1', '5.1.0', true],
    ['!=4.1', '4.1.9', false],
    ['!=4.x', '5.1.0', true],
    ['!=4.x', '4.1.0', false],
    ['!=4.1.0', '4.1.0-alpha', true],
    ['>1.1', '4.1.0', true],
    ['>1.1', '1.1.0', false],
    ['>1.1', '1.1.1', false],
    ['>0', '0.0.0', false],
    ['>0', '1.0.0', true],
    ['>11', '11.1.0', false],
    ['>11', '12.1.0', true],
    ['>11.1', '11.2.1', true],
    ['<1.1', '0.1.0', true],
    ['<1.1', '1.1.0', false],
    ['<0-z', '0.0.0-alpha', true],
    ['>=11.1.0', '11.1.0', true],
    ['>=0', '0.0.0', true],
    ['=>1.1', '1.1.1', true],
    ['<=1.1', '1.1.0', true],
    ['<=1.1', '1.1.9', true],
    ['<=1.1', '1.2.0', false],
    ['<=11', '11.2.3', true],
    ['=<11', '12.2.3', false],
    ['~*', '2.1.1', true],
    ['~2', '2.4', true],
    ['~2', '3.0.0', false],
    ['~2.x', '2.3', true],
    ['~1.2', '1.2.9', true],
    ['~1.2', '1.3.0', false],
    ['~1.2.3', '1.2.2', false],
    ['~>1.2.3', '1.2.7', true],
    ['~0.0.0', '12.4.8', true],
    ['^1.2.3', '1.8.9', true],
    ['^1.2.3', '2.0.0', false],
    ['^1', '1.9.0', true],
    ['^0.2.3', '0.2.5', true],
    ['^0.2.3', '0.3.0', false],
    ['^0.2', '0.2.9', true],
    ['^0.0.3', '0.0.3', true],
    ['^0.0.3', '0.0.4', false],
    ['^0.0', '0.0.9', true],
    ['^0.0', '0.1.0', false],
    ['^0', '0.9.0', true],
    ['^0', '1.0.0', false],
    ['*', '1.2.3', true],
    ['*', '1.2.3-beta', false],
    ['*-0', '1.2.3-beta', true],
    ['>=1.0.0', '1.2.3-beta', false],
    ['>=1.0.0-0', '1.2.3-beta', true],
    ['^1.1-alpha', '1.1.0-beta', true],
    ['1.1 - 2', '1.1.1', true],
    ['1.1 - 2', '2.2.2', true],
    ['1.1 - 3', '4.3.2', false],
    ['1.1 - 2 || >=5', '5.0.0', true],
    ['>=1.0, <2.0', '1.5.0', true],
    ['>=1.0 <2.0', '2.0.0', false],
    ['>=1.0.0-0 <2.0.0, !=1.5.0', '1.5.0', false],
    ['>=1.0.0-0 <2.0.0, !=1.5.0', '1.6.0', true],
    // In a group, one named prerelease opens all of it (since 3.4).
    ['>=1.0.0-0 <2.0.0', '1.5.0-rc.1', true],
    ['<1.0.0 || >2', '3.0.0', true],
    ['1.2.3+build', '1.2.3+other', true],
  ])('%s and %s: %s', (range, version, expected) => {
    expect(includes(range, version)).toBe(expected)
  })

  test.each(['', 'foo', '>=1.0 || ', '>>1', '1.2.3.4', '>= ', '1.2.3>4', '>=1.0,', ',1', '1'.repeat(2000)])(
    '%s is refused with the words of the library',
    range => {
      expect(parseRange(range)).toMatch(/^improper constraint: /)
    },
  )

  test('hostile texts are read at once', () => {
    for (const text of [
      '1 - '.repeat(250),
      '>'.repeat(1000),
      '1.x'.repeat(300),
      '-'.repeat(1000),
      `1-${'a.'.repeat(499)}`,
    ]) {
      parseRange(text)
    }
  })
})

describe('versions', () => {
  test('are read as the library reads them', () => {
    expect(formatVersion(parseVersion('v1.2')!)).toBe('1.2.0')
    expect(formatVersion(parseVersion('1.2.3-rc.1+b.5')!)).toBe('1.2.3-rc.1+b.5')
    for (const text of ['', 'v', '1.2.3.4', '1.2.3-01', 'x', '1.0.0-', '99999999999999999999.0.0']) {
      expect(parseVersion(text), text).toBeUndefined()
    }
    for (const text of ['1.2', 'v1', '01.2.3', '1.2.03']) expect(parseStrictVersion(text), text).toBeUndefined()
  })

  test('come in the order of the specification', () => {
    const order = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.10.0',
      '2.0.0',
    ]
    const shuffled = [...order].reverse().map(text => parseVersion(text)!)
    expect(shuffled.sort(compareVersions).map(formatVersion)).toEqual(order)
  })

  test('ordering is total, and a caret range is what lies between', () => {
    const version = fc
      .tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.constantFrom('', '-a', '-a.1', '-1', '-b'))
      .map(([a, b, c, pre]) => parseVersion(`${a}.${b}.${c}${pre}`)!)
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) || 0)
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0)
        if (a.major > 0n && a.prerelease === '' && b.prerelease === '') {
          const between = compareVersions(b, a) >= 0 && b.major === a.major
          expect(includes(`^${formatVersion(a)}`, formatVersion(b))).toBe(between)
        }
      }),
    )
  })
})

test('the newest name in a range', () => {
  const tags = ['latest', 'v1.0.0', '1.2.0', 'v1.10.0', 'v2.0.0-rc.1', 'v1.10', 'main']
  expect(newestInRange(tags, '*')).toEqual({ name: 'v1.10.0' })
  expect(newestInRange(tags, '>=2.0.0-0')).toEqual({ name: 'v2.0.0-rc.1' })
  expect(newestInRange(tags, '>3')).toEqual({ problem: 'no match found for semver: >3' })
  expect(newestInRange(tags, 'nope')).toEqual({ problem: "semver 'nope' parse error: improper constraint: nope" })
})
