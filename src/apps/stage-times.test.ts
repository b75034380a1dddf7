import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inOrder } from './stage-times.ts'
import { type Stage, stageNames } from './timeline.ts'

const day = '2026-11-21T'
const stagesAt = (...times: (string | undefined)[]): Stage[] =>
  times.map((at, i) => ({ name: stageNames[i]!, state: 'done', ...(at === undefined ? {} : { at: `${day}${at}` }) }))
const timesOf = (stages: readonly Stage[]) => stages.map(one => one.at?.slice(day.length))

describe('the times of stages', () => {
  it('stay as they are when they follow one another', () => {
    const stages = stagesAt('10:00:00Z', '10:00:01Z', '10:00:01Z', undefined, '10:00:09.5Z')
    expect(inOrder(stages)).toEqual(stages)
  })

  it('say nothing of a stage that would have come before the one that led to it', () => {
    const stages = stagesAt('10:00:00Z', '10:00:04Z', '09:12:00Z', '10:00:06Z', '08:00:00Z')
    expect(timesOf(inOrder(stages))).toEqual(['10:00:00Z', '10:00:04Z', undefined, '10:00:06Z', undefined])
    expect(inOrder(stages).map(one => one.state)).toEqual(stages.map(one => one.state))
  })

  it('take a time that is cut to the second for what it is', () => {
    const stages = stagesAt('10:00:00.700Z', '10:00:00Z')
    expect(timesOf(inOrder(stages))).toEqual(['10:00:00.700Z', '10:00:00.700Z'])
  })

  it('never go back, whatever is told', () => {
    const time = fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }), { nil: undefined })
    fc.assert(
      fc.property(fc.array(time, { maxLength: 5 }), times => {
        const told = times.map((at, i): Stage => {
          return { name: stageNames[i]!, state: 'done', ...(at ? { at: at.toISOString() } : {}) }
        })
        const known = inOrder(told).flatMap(one => (one.at === undefined ? [] : [Date.parse(one.at)]))
        expect(known).toEqual([...known].sort((a, b) => a - b))
      }),
    )
  })
})
