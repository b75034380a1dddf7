import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideSize, driftText, type LiveSize, type SizeUpdate } from './decide.ts'

const size = (min: number, max: number, desired?: number, autoscaled = false) => ({ min, max, desired, autoscaled })
const live = (min: number, max: number, desired: number): LiveSize => ({ min, max, desired })

describe('what brings a group in line with Git', () => {
  const cases: readonly (readonly [string, ReturnType<typeof size>, LiveSize, SizeUpdate | undefined])[] = [
    ['is nothing when all three agree', size(1, 5, 3), live(1, 5, 3), undefined],
    ['is the count that Git says', size(1, 5, 4), live(1, 5, 3), { min: 1, max: 5, desired: 4 }],
    ['is zero nodes when Git says so', size(0, 5, 0), live(0, 5, 3), { min: 0, max: 5, desired: 0 }],
    ['is new bounds, and the count left alone', size(2, 6), live(1, 5, 3), { min: 2, max: 6 }],
    ['is nothing when only the autoscaler moved the count', size(1, 5), live(1, 5, 4), undefined],
    ['lifts the autoscaler’s count to a higher minimum', size(4, 6), live(1, 6, 2), { min: 4, max: 6, desired: 4 }],
    ['lowers the autoscaler’s count to a lower maximum', size(1, 3), live(1, 6, 5), { min: 1, max: 3, desired: 3 }],
    ['leaves the count of an autoscaled group though Git says one', size(1, 5, 2, true), live(1, 5, 4), undefined],
    ['still sets the bounds of an autoscaled group', size(1, 9, 2, true), live(1, 5, 4), { min: 1, max: 9 }],
    [
      'puts a count right that is outside its own live bounds',
      size(1, 5),
      live(1, 5, 7),
      { min: 1, max: 5, desired: 5 },
    ],
  ]
  for (const [name, git, now, update] of cases) it(name, () => expect(decideSize(git, now)).toEqual(update))

  it('is said in a line', () => {
    expect(driftText({ min: 2, max: 5, desired: 4 }, live(1, 5, 3))).toBe('min 1 → 2, desired 3 → 4')
  })
})

describe('any decision', () => {
  const git = fc
    .tuple(fc.nat(50), fc.nat(50), fc.nat(), fc.boolean(), fc.boolean())
    .map(([a, b, c, said, autoscaled]) => {
      const [min, max] = a <= b ? [a, b] : [b, a]
      return size(min, max, said ? min + (c % (max - min + 1)) : undefined, autoscaled)
    })
  const anyLive = fc.record({ min: fc.nat(60), max: fc.nat(60), desired: fc.nat(60) })
  const applied = (update: SizeUpdate | undefined, now: LiveSize): LiveSize => ({ ...now, ...update })

  it('ends within the bounds of Git', () => {
    fc.assert(
      fc.property(git, anyLive, (wanted, now) => {
        const end = applied(decideSize(wanted, now), now)
        expect([end.min, end.max]).toEqual([wanted.min, wanted.max])
        expect(end.desired).toBeGreaterThanOrEqual(wanted.min)
        expect(end.desired).toBeLessThanOrEqual(wanted.max)
      }),
    )
  })

  it('leaves a count alone that is not Git’s and fits', () => {
    fc.assert(
      fc.property(git, anyLive, (wanted, now) => {
        const theirs = wanted.desired === undefined || wanted.autoscaled
        fc.pre(theirs && now.desired >= wanted.min && now.desired <= wanted.max)
        expect(decideSize(wanted, now)?.desired).toBeUndefined()
      }),
    )
  })

  it('sets the count of Git where it is Git’s', () => {
    fc.assert(
      fc.property(git, anyLive, (wanted, now) => {
        fc.pre(wanted.desired !== undefined && !wanted.autoscaled)
        expect(applied(decideSize(wanted, now), now).desired).toBe(wanted.desired)
      }),
    )
  })

  it('has nothing left to decide after it', () => {
    fc.assert(
      fc.property(git, anyLive, (wanted, now) => {
        expect(decideSize(wanted, applied(decideSize(wanted, now), now))).toBeUndefined()
      }),
    )
  })
})
