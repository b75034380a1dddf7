import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIndexes, parseIndexes } from './indexes.ts'

describe('completed indexes', () => {
  it('are written as ranges', () => expect(formatIndexes([5, 1, 3, 4, 7, 8])).toBe('1,3-5,7-8'))

  it('come back as they were written', () => {
    const sets = fc.uniqueArray(fc.integer({ min: 0, max: 500 }))
    fc.assert(
      fc.property(sets, indexes => {
        expect([...parseIndexes(formatIndexes(indexes))].sort()).toEqual([...indexes].sort())
      }),
    )
  })

  it('of a text that is none are none', () => expect([...parseIndexes('x,-1,2-')]).toEqual([]))
})
