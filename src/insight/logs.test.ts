import { describe, expect, it } from 'vitest'
import { matchesLog, readLogLine } from './logs.ts'

const flux =
  '{"level":"error","ts":"2026-08-07T10:00:00.000Z","msg":"Reconciliation failed","controller":"kustomization","controllerKind":"Kustomization","Kustomization":{"name":"apps","namespace":"flux-system"},"namespace":"flux-system","name":"apps","reconcileID":"x","error":"build failed"}'

describe('a line of a log', () => {
  it('of a controller of Flux is read with its object and its error', () => {
    expect(readLogLine(flux)).toEqual({
      time: '2026-08-07T10:00:00.000Z',
      level: 'error',
      kind: 'Kustomization',
      namespace: 'flux-system',
      name: 'apps',
      message: 'Reconciliation failed: build failed',
    })
  })

  it.each(['', 'panic: x', '[]', '{'])('that is no JSON object (%j) is left out', text => {
    expect(readLogLine(text)).toBeUndefined()
  })

  it('is chosen by level, kind in any case, name, namespace and time', () => {
    const line = readLogLine(flux)!
    expect(matchesLog(line, { level: 'error', kind: 'kustomization', name: 'apps', namespace: 'flux-system' })).toBe(
      true,
    )
    for (const filter of [
      { level: 'info' },
      { kind: 'HelmRelease' },
      { name: 'web' },
      { since: '2026-09-01T00:00:00Z' },
    ])
      expect(matchesLog(line, filter)).toBe(false)
  })
})
