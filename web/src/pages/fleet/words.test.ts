import { describe, expect, it } from 'vitest'
import type { FleetCluster, FleetGroup } from '../../../../src/server/contract/fleet.ts'
import { clusterHealth, commitOf, groupHealth, sizeWords } from './words.ts'

const tip = 'a'.repeat(40)
const git = { state: 'ready' as const, tip }
const group = (change: Partial<FleetGroup> = {}): FleetGroup => ({
  name: 'web',
  wanted: 3,
  current: 3,
  ready: 3,
  git: { size: 3 },
  ...change,
})
const cluster = (change: Partial<FleetCluster> = {}): FleetCluster => ({
  namespace: 'default',
  name: 'prod',
  role: 'workload',
  groups: [group()],
  wanted: 3,
  ready: 3,
  health: 'Ready',
  revision: `main@sha1:${tip}`,
  paused: false,
  ...change,
})

describe('the words of the fleet', () => {
  it('say sizes as counts and bounds', () => {
    expect([sizeWords(3), sizeWords({ min: 1, max: 5 }), sizeWords(undefined)]).toEqual(['3', '1–5', '–'])
    expect(commitOf(`main@sha1:${tip}`)).toBe(tip)
    expect(commitOf('main')).toBeUndefined()
  })

  it('tell a cluster that has not come to the tip yet from one that drifted from it', () => {
    const drifted = group({ wanted: 2, drift: 'cluster has 2, Git 3' })
    expect(groupHealth(drifted, cluster(), git).state).toBe('attention')
    expect(groupHealth(drifted, cluster({ revision: `main@sha1:${'b'.repeat(40)}` }), git).state).toBe('moving')
    expect(clusterHealth(cluster({ groups: [drifted] }), git).words).toBe('1 group drifted')
  })

  it('count machines that come and go', () => {
    expect(groupHealth(group({ ready: 1 }), cluster(), git).words).toBe('1 of 3 Ready')
    expect(groupHealth(group({ current: 5, ready: 5 }), cluster(), git).words).toBe('2 to go')
    expect(groupHealth(group(), cluster(), git)).toEqual({ state: 'agreed', words: 'Ready' })
    expect(groupHealth(group({ ready: 1 }), cluster({ paused: true }), git).state).toBe('paused')
    expect(clusterHealth(cluster({ health: 'Failed', message: 'no IP left' }), git).cause).toBe('no IP left')
  })
})
