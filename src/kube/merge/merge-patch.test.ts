import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyMergePatch, createMergePatch } from './merge-patch.ts'

describe('a merge patch', () => {
  // The examples of RFC 7396, appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('turns %j with %j into %j', (target, patch, result) => {
    const before = structuredClone(target)
    expect(applyMergePatch(target, patch)).toEqual(result)
    expect(target).toEqual(before)
  })

  it('that changes nothing gives back the very target', () => {
    const target = { a: { b: [1, { c: 2 }] }, d: 'x' }
    expect(applyMergePatch(target, { a: { b: [1, { c: 2 }] }, gone: null })).toBe(target)
  })

  it('never reaches a prototype', () => {
    const out = applyMergePatch({}, JSON.parse('{"__proto__": {"polluted": true}}')) as object
    expect(Object.keys(out)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('that is made from two documents turns one into the other', () => {
    const json = fc.letrec(tie => ({
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer()), tie('map')),
      map: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '__proto__'), fc.string({ maxLength: 3 })), tie('value')),
    })).map
    fc.assert(
      fc.property(json, json, (from, to) => {
        const patch = createMergePatch(from, to)
        const result = patch === undefined ? from : applyMergePatch(from, patch)
        expect(sorted(result)).toBe(sorted(to))
        expect(createMergePatch(result, to)).toBeUndefined()
      }),
    )
  })
})

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))
      : part,
  )
}
