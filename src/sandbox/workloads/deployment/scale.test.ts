import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Deployment, ReplicaSet } from '../shared/types.ts'
import { sizeAnnotations } from './annotations.ts'
import { limits, newSetReplicas } from './counts.ts'
import { shares } from './scale.ts'

const template = { spec: { containers: [] } }
const deployment = (replicas: number, maxSurge: number | string, maxUnavailable: number | string): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas,
    selector: {},
    template,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
  },
})
const set = (name: string, replicas: number, sized: Deployment): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name, annotations: sizeAnnotations(sized), creationTimestamp: `2026-01-01T00:00:0${name}Z` },
  spec: { replicas, selector: {}, template },
})

describe('the limits of a rolling update', () => {
  it.each([
    [10, '25%', '25%', 3, 2],
    [1, '25%', '25%', 1, 0],
    [3, 0, 0, 0, 1],
    [2, 1, 5, 1, 2],
    [0, '25%', '25%', 0, 0],
  ])('of %i replicas with surge %s and unavailable %s are %i and %i', (replicas, up, down, surge, unavailable) => {
    expect(limits(deployment(replicas, up, down))).toEqual({ surge, unavailable })
  })

  it('never let the new ReplicaSet go beyond the surge', () => {
    const count = fc.integer({ min: 0, max: 30 })
    fc.assert(
      fc.property(count, count, count, fc.integer({ min: 0, max: 100 }), (replicas, old, now, percent) => {
        const wanted = deployment(replicas, `${percent}%`, 0)
        const current = Math.min(now, replicas)
        const next = newSetReplicas(wanted, [set('1', old, wanted), set('2', current, wanted)], current)
        const most = replicas + limits(wanted).surge
        return next >= current && next <= Math.max(replicas, current) && (next === current || next + old <= most)
      }),
    )
  })
})

describe('proportional scaling', () => {
  it('gives each ReplicaSet its share, as in the example of the Kubernetes documentation', () => {
    const before = deployment(10, 3, 2)
    const sized = shares(deployment(15, 3, 2), [set('1', 8, before), set('2', 5, before)])
    expect(sized.map(([one, size]) => [one.metadata.name, size])).toEqual([
      ['1', 11],
      ['2', 7],
    ])
  })

  it('always comes to the count with its surge', () => {
    const count = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(count, fc.array(count, { minLength: 2, maxLength: 5 }), count, (to, sizes, surge) => {
        const total = sizes.reduce((sum, one) => sum + one, 0)
        const before = deployment(Math.max(1, total - surge), surge, 0)
        const sized = shares(
          deployment(to, surge, 0),
          sizes.map((size, i) => set(String(i), size, before)),
        )
        const sum = sized.reduce((all, [, size]) => all + size, 0)
        expect(sum).toBe(to + surge)
        expect(Math.min(...sized.map(([, size]) => size))).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
