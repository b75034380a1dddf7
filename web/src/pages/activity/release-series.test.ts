import { expect, it } from 'vitest'
import { latencyCurves, medianStages, quantile } from './release-series.ts'

const point = (minute: number, healthy?: number) => ({
  application: 'shop',
  environment: 'staging',
  commit: `c${minute}`,
  committedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  stages: { fetched: 100, rendered: 150, applied: 400, ...(healthy === undefined ? {} : { healthy }) },
})

it('takes the nearest rank of what was really taken', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2)
  expect(quantile([4, 1, 3, 2], 0.95)).toBe(4)
  expect(quantile([], 0.5)).toBeUndefined()
})

it('says of each stage how long it took by itself, of what came to be live', () => {
  expect(medianStages([point(0, 1000), point(1, 2000), point(2)])).toEqual({
    fetched: 100,
    rendered: 50,
    applied: 250,
    healthy: 600,
  })
  expect(medianStages([point(0)])).toBeUndefined()
})

it('draws steps in which something came to be live, at most forty, in the order of time', () => {
  const curves = latencyCurves(Array.from({ length: 200 }, (_, i) => point(i, 1000 + i)))
  expect(curves.times.length).toBe(40)
  expect([...curves.times].sort((a, b) => a - b)).toEqual(curves.times)
  for (const [i, p50] of curves.p50.entries()) expect(curves.p95[i]).toBeGreaterThanOrEqual(p50)
  expect(latencyCurves([point(0, 500)])).toMatchObject({ p50: [500], p95: [500] })
  expect(latencyCurves([point(0)]).times).toEqual([])
})
