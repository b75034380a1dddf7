import fc from 'fast-check'
import type { Values } from './tree.ts'

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
/** Values of any shape, for property tests. */
export const values = tree.map as fc.Arbitrary<Values>
