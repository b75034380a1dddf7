import fc from 'fast-check'
import { expect, it } from 'vitest'
import { effectiveValues } from '../src/apps/values.ts'
import { over } from '../web/src/values/layers.ts'
import { same, type Values } from '../web/src/values/tree.ts'

const key = fc.constantFrom('a', 'b', 'image', 'tag')
const tree = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'v' },
    fc.constantFrom<unknown>(1, 2, 'x', true, null),
    fc.array(fc.integer({ max: 2 }), { maxLength: 2 }),
    tie('map'),
  ),
  map: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
}))
const values = tree.map as fc.Arbitrary<Values>

// The console may not import the server's code, so it has its own: this keeps the two at one meaning.
it('lays values over one another in the console as on the server', () => {
  fc.assert(
    fc.property(values, values, (base, override) => {
      expect(same(over(base, override), effectiveValues(base, override))).toBe(true)
    }),
  )
})
