import fc from 'fast-check'
import { expect, it } from 'vitest'
import { holdOrder, sortRows } from './table-order.ts'

it('sorts names as people do, and numbers by size', () => {
  expect(sortRows(['node-10', 'node-9', 'Node-1'], r => r, false)).toEqual(['Node-1', 'node-9', 'node-10'])
  expect(sortRows([10, 9, 100], r => r, true)).toEqual([100, 10, 9])
})

it('puts what has no value last in both directions', () => {
  for (const descending of [false, true]) expect(sortRows([undefined, 1, 2], r => r, descending).at(-1)).toBeUndefined()
})

it('keeps every row, and the order of equal ones', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ id: fc.nat(), v: fc.option(fc.nat(3), { nil: undefined }) })),
      fc.boolean(),
      (rows, down) => {
        const sorted = sortRows(rows, r => r.v, down)
        expect(new Set(sorted)).toEqual(new Set(rows))
        for (const v of [0, 1, 2, 3, undefined]) {
          expect(sorted.filter(r => r.v === v)).toEqual(rows.filter(r => r.v === v))
        }
      },
    ),
  )
})

it('holds rows where they are under the pointer, with their new values', () => {
  const before = [
    { id: 'a', n: 1 },
    { id: 'b', n: 1 },
  ]
  const { rows, gone } = holdOrder(
    before,
    [
      { id: 'c', n: 2 },
      { id: 'b', n: 2 },
    ],
    r => r.id,
  )
  expect(rows).toEqual([
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
    { id: 'c', n: 2 },
  ])
  expect([...gone]).toEqual(['a'])
})
