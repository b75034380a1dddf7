import { describe, expect, test } from 'vitest'
import { guardPrune } from './prune-guard.ts'

const entries = (...ids: string[]) => ids.map(id => ({ id, v: 'v1' }))
const base = { prune: true, allowed: false, sameGeneration: true }

describe('a build that would delete everything is refused', () => {
  test('when it yields nothing', () => {
    const before = entries('a_x__ConfigMap', 'a_y__Secret')
    expect(() => guardPrune({ ...base, before, after: [] })).toThrow(/yields no objects, so all 2 would be deleted/)
    expect(() => guardPrune({ ...base, sameGeneration: false, before, after: [] })).toThrow('nothing was changed')
  })

  test('when another folder seems to have taken its place', () => {
    const before = entries('a_x_apps_Deployment', 'a_y__Service')
    expect(() => guardPrune({ ...base, before, after: entries('a_z__ConfigMap') })).toThrow(/none of the objects/)
  })
})

describe('it is let through', () => {
  const before = entries('a_x_apps_Deployment', 'a_y__Service')
  test.each([
    ['when it is allowed', { allowed: true, before, after: [] }],
    ['when nothing is pruned', { prune: false, before, after: [] }],
    ['when nothing was applied before', { before: [], after: [] }],
    ['when objects are only renamed', { before, after: entries('b_x_apps_Deployment', 'b_y__Service') }],
    ['when the Kustomization itself was changed', { sameGeneration: false, before, after: entries('a_z__ConfigMap') }],
    [
      'when a single generated object gets another name',
      { before: entries('a_c-1__ConfigMap'), after: entries('a_c-2__ConfigMap') },
    ],
    ['when something is left', { before, after: entries('a_y__Service') }],
  ])('%s', (_name, input) => {
    expect(() => guardPrune({ ...base, ...input })).not.toThrow()
  })
})
