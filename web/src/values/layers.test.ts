import fc from 'fast-check'
import { expect, it } from 'vitest'
import { values } from './arbitrary.ts'
import { layerRows, markAt, over, patchFor } from './layers.ts'
import { same, type Values, valueAt, withAt } from './tree.ts'

it('shows rows that say where each value of the result comes from', () => {
  fc.assert(
    fc.property(values, values, (raw, layer) => {
      const below = over({}, raw) as Values
      const result = over(below, layer)
      for (const row of layerRows(below, layer)) {
        expect(same(row.result, row.result === undefined ? undefined : valueAt(result, row.path))).toBe(true)
        if (row.mark === 'removed') expect(valueAt(result, row.path)).toBeUndefined()
        if (row.mark === 'inherited') expect(same(row.result, valueAt(below, row.path))).toBe(true)
      }
      let rebuilt: unknown = {}
      for (const row of layerRows(below, layer)) {
        if (row.result !== undefined) rebuilt = withAt(rebuilt, row.path, row.result)
      }
      expect(same(prune(rebuilt), prune(result))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

/** Without empty maps: a map all of whose keys were taken away is a place that no row has. */
function prune(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
    .map(([k, v]) => [k, prune(v)] as const)
    .filter(([, v]) => !(typeof v === 'object' && v !== null && !Array.isArray(v) && Object.keys(v).length === 0))
  return Object.fromEntries(entries)
}

it('marks what a layer says, takes away and leaves', () => {
  const layer = { image: { tag: '2' }, gone: null, hosts: ['a'], empty: {} }
  expect(markAt(layer, ['image', 'tag'])).toBe('set')
  expect(markAt(layer, ['image'])).toBe('within')
  expect(markAt(layer, ['image', 'repository'])).toBe('inherited')
  expect(markAt(layer, ['gone'])).toBe('removed')
  expect(markAt(layer, ['hosts', 0])).toBe('set')
  expect(markAt(layer, ['empty'])).toBe('inherited')
})

it('tells a value that repeats the base from one that comes from it', () => {
  const rows = layerRows({ a: 1, b: 2 }, { a: 1 })
  expect(rows.map(row => row.mark)).toEqual(['pinned', 'inherited'])
})

it('finds the layer that makes what is wanted of what is below', () => {
  fc.assert(
    fc.property(values, values, (rawBelow, rawWanted) => {
      const [below, wanted] = [over({}, rawBelow), over({}, rawWanted)]
      const patch = patchFor(below, wanted)
      expect(same(patch === undefined ? below : over(below, patch), wanted)).toBe(true)
    }),
  )
})
