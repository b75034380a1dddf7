import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLabelSelector } from './label-selector.ts'

const selects = (selector: string, labels: Record<string, string>) => parseLabelSelector(selector)?.(labels) ?? true

describe('label selectors', () => {
  it.each([
    ['', true],
    ['env', true],
    ['!env', false],
    ['env=prod', true],
    ['env==prod', true],
    ['env!=prod', false],
    ['tier!=web', true],
    ['env in (dev, prod)', true],
    ['env notin (dev,prod)', false],
    ['tier notin (web)', true],
    ['size>3', true],
    ['size<3', false],
    ['env = prod , size > 9', false],
    ['empty=', true],
    ['example.com/name=x', true],
  ])('%j selects as Kubernetes does: %s', (selector, expected) => {
    expect(selects(selector, { env: 'prod', size: '7', empty: '', 'example.com/name': 'x' })).toBe(expected)
  })

  it.each([
    ['env in prod', "unable to parse requirement: found 'prod' expected: '('"],
    ['a,', "unable to parse requirement: found '', expected: identifier after ','"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ])('%j is refused: %s', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message)
  })

  it('never fails in another way, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.-/!=<>(), in') }), selector => {
        try {
          parseLabelSelector(selector)
        } catch (error) {
          expect(error).toMatchObject({ status: { code: 400 } })
        }
      }),
    )
  })

  it('does not find what every object inherits', () => {
    expect(selects('constructor', {})).toBe(false)
    expect(selects('toString', {})).toBe(false)
  })
})
