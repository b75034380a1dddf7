import { describe, expect, it } from 'vitest'
import { type Stage, type StageName, stageNames } from '../../apps/index.ts'
import { rowsToWrite, type StageWatch } from './stage-rows.ts'

const now = new Date('2026-11-21T10:10:00.250Z')
const at = (time: string) => `2026-11-21T${time}`
const stagesAt = (...times: (string | undefined)[]): Stage[] =>
  times.map((time, i) => ({ name: stageNames[i]!, state: 'done', ...(time === undefined ? {} : { at: at(time) }) }))
const rows = (stages: readonly Stage[], watch: Partial<StageWatch> = {}) =>
  rowsToWrite(stages, { now, recorded: new Map(), undone: new Set(), ...watch }).map(
    row => `${row.stage} ${row.at.slice(11)}`,
  )

describe('what is written down of the way of a commit', () => {
  it('is the moment that it was seen, while it happens', () => {
    expect(rows(stagesAt('10:09:58Z', '10:09:59Z'))).toEqual(['committed 10:10:00.250Z', 'fetched 10:10:00.250Z'])
  })

  it('is what the cluster tells, when it is seen later', () => {
    expect(rows(stagesAt('10:00:00Z', '10:00:02Z', '10:00:03Z'))).toEqual([
      'committed 10:00:00.000Z',
      'fetched 10:00:02.000Z',
      'rendered 10:00:03.000Z',
    ])
  })

  it('is never a time from before the commit, or before the stage that led to it', () => {
    const stages = stagesAt('10:00:00Z', '10:00:02Z', '09:00:00Z', '10:00:05Z')
    expect(rows(stages)).toEqual(['committed 10:00:00.000Z', 'fetched 10:00:02.000Z', 'applied 10:00:05.000Z'])
    const recorded = new Map([['committed', at('10:00:04.000Z')]])
    expect(rows(stagesAt('10:00:00Z', '10:00:02Z'), { recorded })).toEqual([])
  })

  it('is the moment of the change for a stage that was seen before it was done, whatever the cluster tells', () => {
    const recorded = new Map([
      ['committed', at('10:00:00.000Z')],
      ['fetched', at('10:00:02.000Z')],
    ])
    const stages = stagesAt('10:00:00Z', '10:00:02Z', '09:00:00Z')
    expect(rows(stages, { recorded })).toEqual([])
    const undone = new Set<StageName>(['rendered'])
    expect(rows(stages, { recorded, undone })).toEqual(['rendered 10:10:00.250Z'])
  })

  it('ends with the first stage that is not done', () => {
    const stages = stagesAt('10:00:00Z', '10:00:01Z', '10:00:02Z').map(
      (one): Stage => (one.name === 'fetched' ? { ...one, state: 'running' } : one),
    )
    expect(rows(stages)).toEqual(['committed 10:00:00.000Z'])
  })
})
