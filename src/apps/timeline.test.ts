import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import type { Snapshot } from './history.ts'
import { type TimelineInput, timelineOf } from './timeline.ts'

const sha = 'a'.repeat(40)
const revision = `main@sha1:${sha}`
const chart = { kind: 'Template', name: 'web-service', version: '1.0.0' } as const
const wanted: Snapshot = { chart, values: { replicas: 3 }, suspended: false }
const condition = (type: string, status: string, message = '') => ({
  type,
  status,
  message,
  reason: 'X',
  lastTransitionTime: '2026-11-21T10:00:05Z',
})

const source = (seen = revision, extra: object = {}): KubeObject => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'flux-system', namespace: 'flux-system', generation: 1 },
  spec: {},
  status: { observedGeneration: 1, artifact: { revision: seen, lastUpdateTime: '2026-11-21T10:00:01Z' }, ...extra },
})
const kustomization = (status: object = {}, spec: object = {}): KubeObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'shop-staging', namespace: 'flux-system', generation: 1 },
  spec,
  status: { observedGeneration: 1, lastAttemptedRevision: revision, ...status },
})
const release = (status: object, spec: object = {}): KubeObject => ({
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'shop-staging', namespace: 'flux-system', generation: 2 },
  spec: {
    chart: { spec: { chart: './charts/web-service-1.0.0', sourceRef: { kind: 'GitRepository', name: 'flux-system' } } },
    values: { replicas: 3 },
    ...spec,
  },
  status: { observedGeneration: 2, ...status },
})
const history = [{ version: 4, chartName: 'web-service', chartVersion: '1.0.0', lastDeployed: '2026-11-21T10:00:03Z' }]

const states = (input: Partial<TimelineInput>) =>
  timelineOf({
    commit: { sha, date: '2026-11-21T10:00:00Z' },
    wanted,
    source: source(),
    kustomization: kustomization(),
    release: release({}),
    holds: seen => seen === revision,
    ...input,
  }).map(stage => `${stage.name} ${stage.state}${stage.detail ? `: ${stage.detail}` : ''}`)

describe('the timeline of a commit', () => {
  it('runs from Git to health', () => {
    const done = release({ history, conditions: [condition('Ready', 'True'), condition('Released', 'True')] })
    expect(states({ release: done })).toEqual([
      'committed done',
      `fetched done: ${revision}`,
      'rendered done',
      'applied done: revision 4 of web-service 1.0.0',
      'healthy done',
    ])
  })

  it('tells no time from before the commit: a Kustomization that stayed Ready has that of an earlier revision', () => {
    const ready = { ...condition('Ready', 'True'), lastTransitionTime: '2026-11-20T08:00:00Z' }
    const done = release({
      history: [{ ...history[0], lastDeployed: '2026-11-19T08:00:00Z' }],
      conditions: [ready, condition('Released', 'True')],
    })
    const stages = timelineOf({
      commit: { sha, date: '2026-11-21T10:00:00Z' },
      wanted,
      source: source(),
      kustomization: kustomization({ conditions: [ready] }),
      release: done,
      holds: seen => seen === revision,
    })
    expect(stages.map(stage => [stage.state, stage.at])).toEqual([
      ['done', '2026-11-21T10:00:00Z'],
      ['done', '2026-11-21T10:00:01Z'],
      ['done', undefined],
      ['done', undefined],
      ['done', undefined],
    ])
  })

  it('takes the time of a later revision in the source for nothing', () => {
    const later = `main@sha1:${'b'.repeat(40)}`
    const stages = timelineOf({
      commit: { sha, date: '2026-11-21T09:00:00Z' },
      wanted,
      source: source(later),
      kustomization: kustomization({}),
      release: release({ history, conditions: [condition('Ready', 'True'), condition('Released', 'True')] }),
      holds: () => true,
    })
    expect(stages.map(stage => stage.at?.slice(11))).toEqual([
      '09:00:00Z',
      undefined,
      undefined,
      '10:00:03Z',
      '10:00:05Z',
    ])
  })

  it('waits at the source until it has the commit, whatever the rest says of the one before', () => {
    const old = release({ history, conditions: [condition('Ready', 'True'), condition('Released', 'True')] })
    expect(states({ source: source('main@sha1:old'), release: old })).toEqual([
      'committed done',
      'fetched running',
      'rendered waiting',
      'applied waiting',
      'healthy waiting',
    ])
  })

  it('does not call a release rendered that still has the values of before', () => {
    const old = release({ history, conditions: [condition('Ready', 'True')] }, { values: { replicas: 2 } })
    expect(states({ release: old })[2]).toBe('rendered running')
  })

  it('names the failure of a build, and what came not to pass', () => {
    const broken = kustomization({ conditions: [condition('Ready', 'False', 'kustomize build failed: no such file')] })
    const old = release({}, { values: {} })
    expect(states({ kustomization: broken, release: old })).toEqual([
      'committed done',
      `fetched done: ${revision}`,
      'rendered failed: kustomize build failed: no such file',
      'applied not-run',
      'healthy not-run',
    ])
  })

  it('takes the failure of an earlier revision for nothing', () => {
    const conditions = [condition('Ready', 'False', 'old trouble')]
    const before = kustomization({ lastAttemptedRevision: 'main@sha1:old', conditions })
    expect(states({ kustomization: before, release: release({}, { values: {} }) })[2]).toBe('rendered running')
  })

  it('tells a release that failed from one that is not healthy', () => {
    const failed = release({
      conditions: [condition('Ready', 'False', 'Helm upgrade failed'), condition('Released', 'False')],
    })
    expect(states({ release: failed })[3]).toBe('applied failed: Helm upgrade failed')
    const sick = release({
      history,
      conditions: [condition('Ready', 'False', 'image cannot be pulled'), condition('Released', 'True')],
    })
    expect(states({ release: sick }).slice(3)).toEqual([
      'applied done: revision 4 of web-service 1.0.0',
      'healthy failed: image cannot be pulled',
    ])
  })

  it('does not trust a condition that was written for the spec of before', () => {
    const stale = release({
      observedGeneration: 1,
      history,
      conditions: [condition('Ready', 'True'), condition('Released', 'True')],
    })
    expect(states({ release: stale })[3]).toBe('applied running')
  })

  it('says that it is paused, and goes to the end when the application is taken away', () => {
    expect(
      states({ kustomization: kustomization({}, { suspend: true }), release: release({}, { values: {} }) })[2],
    ).toBe('rendered paused: the Kustomization is suspended')
    expect(states({ wanted: undefined, kustomization: undefined, release: undefined }).slice(2)).toEqual([
      'rendered done',
      'applied done',
      'healthy done',
    ])
  })
})
