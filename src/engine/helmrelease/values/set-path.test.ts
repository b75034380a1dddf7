import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PathError, setPath } from './set-path.ts'

const set = (path: string, value: string, before: Record<string, unknown> = {}, literal = false) => {
  const table = structuredClone(before)
  setPath(table, path, value, { literal })
  return table
}

describe('a target path', () => {
  test.each([
    ['a', '1', { a: 1 }],
    ['a', 'true', { a: true }],
    ['a', 'null', { a: null }],
    ['a', '007', { a: '007' }],
    ['a', '0', { a: 0 }],
    ['a', '1.5', { a: '1.5' }],
    ['a', '', { a: '' }],
    ['a', "'1'", { a: '1' }],
    ['a', '"true"', { a: 'true' }],
    ['a.b.c', 'x', { a: { b: { c: 'x' } } }],
    ['a\\.b', 'x', { 'a.b': 'x' }],
    ['a[1]', 'x', { a: [null, 'x'] }],
    ['a[0].b', 'x', { a: [{ b: 'x' }] }],
    ['a[0][1]', 'x', { a: [[null, 'x']] }],
    ['a', '{x,1,true}', { a: ['x', 1, true] }],
    ['a', 'x,b=y', { a: 'x', b: 'y' }],
    ['a', 'x\\,y', { a: 'x,y' }],
    ['a', 'x=y', { a: 'x=y' }],
  ])('%s with %s is what helm --set makes of it', (path, value, expected) => {
    expect(set(path, value)).toEqual(expected)
  })

  test('takes a literal as it is', () => {
    expect(set('a.b', '{x,1},c=2\\', {}, true)).toEqual({ a: { b: '{x,1},c=2\\' } })
  })

  test.each([
    ['a.b', 'x', { a: 1 }],
    ['a[0]', 'x', { a: {} }],
    ['a[99999]', 'x', {}],
    ['a[-1]', 'x', {}],
    ['a', '{x', {}],
    [`${'a.'.repeat(40)}b`, 'x', {}],
  ])('%s with %s is refused', (path, value, before) => {
    expect(() => set(path, value, before)).toThrow(PathError)
  })

  test('never touches what tables inherit', () => {
    set('__proto__.polluted', 'x')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('only ever fails with a PathError', () => {
    const path = fc.stringMatching(/^[a-c.[\]0-9\\=,{}]{1,20}$/)
    fc.assert(
      fc.property(path, fc.string(), (where, value) => {
        try {
          set(where, value)
        } catch (error) {
          expect(error).toBeInstanceOf(PathError)
        }
      }),
    )
  })
})
