import fc from 'fast-check'
import { expect, it } from 'vitest'
import { draftOf } from './draft.ts'
import { over } from './layers.ts'
import { type Path, same, type Values, valueAt, withAt } from './tree.ts'
import { readValues } from './values-text.ts'

const key = fc.constantFrom('a', 'b', 'image', 'tag')
const leaf = fc.constantFrom<unknown>(1, 2, 'x', 'yes', true, [1], [])
const tree = fc.letrec(tie => ({
  value: fc.oneof({ maxDepth: 3, depthIdentifier: 'v' }, leaf, tie('map')),
  map: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
}))
const values = tree.map as fc.Arbitrary<Values>
const path = fc.array(key, { minLength: 1, maxLength: 3 }) as fc.Arbitrary<Path>

const after = (text: string, below: Values, act: (draft: ReturnType<typeof draftOf>) => void): string => {
  let out = text
  act(
    draftOf(text, below, next => {
      out = next
    }),
  )
  return out
}

it('comes to what the form shows, for any value that is entered', () => {
  fc.assert(
    fc.property(values, values, path, leaf, (below, layer, at, value) => {
      const text = JSON.stringify(layer)
      const result = over(below, layer)
      // A form has fields only where what is above them is a map.
      for (let n = 1; n < at.length; n++) {
        const above = valueAt(result, at.slice(0, n))
        fc.pre(above === undefined || (typeof above === 'object' && !Array.isArray(above)))
      }
      const next = after(text, below, draft => draft.set(at, value))
      expect(same(over(below, readValues(next).values), withAt(result, at, value))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

it('says nothing where the form says what is below anyway', () => {
  const below = { image: { tag: '1' }, replicas: 2 }
  expect(after('replicas: 3\n', below, draft => draft.set(['replicas'], 2))).toBe('')
  expect(after('', below, draft => draft.set(['image', 'tag'], '2'))).toBe('image:\n  tag: "2"\n')
})

it('replaces a list whole, and goes back whole', () => {
  const below = { hosts: [{ name: 'a' }, { name: 'b' }] }
  const text = after('', below, draft => draft.set(['hosts', 1, 'name'], 'c'))
  expect(readValues(text).values).toEqual({ hosts: [{ name: 'a' }, { name: 'c' }] })
  expect(after(text, below, draft => draft.back(['hosts', 1, 'name']))).toBe('')
})

it('takes away what is below with a null, and what only it has by leaving it out', () => {
  const below = { env: { A: '1' } }
  expect(readValues(after('env:\n  B: "2"\n', below, d => d.remove(['env', 'A']))).values).toEqual({
    env: { A: null, B: '2' },
  })
  expect(after('env:\n  B: "2"\n', below, d => d.remove(['env', 'B']))).toBe('')
})
