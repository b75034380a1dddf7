import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Alert } from '../../specs/flux/alert.ts'
import { Duplicates, eventKey } from './duplicates.ts'
import { type FluxEvent, fluxEventOf } from './event.ts'
import { combineMetadata, isCommitStatusUpdate, withoutForeignMetadata, withoutInternalMetadata } from './metadata.ts'
import { readEvent } from './read-event.ts'

const group = 'kustomize.toolkit.fluxcd.io'

const about: KubeObject = {
  apiVersion: `${group}/v1`,
  kind: 'Kustomization',
  metadata: {
    name: 'podinfo',
    namespace: 'apps',
    uid: 'u',
    annotations: { 'event.toolkit.fluxcd.io/summary': 'from the object', other: 'x' },
  },
}

function engineEvent(reason: string, message: string): FluxEvent {
  const time = new Date('2026-01-02T03:04:05.678Z')
  const kind = 'Kustomization'
  return fluxEventOf(
    {
      time,
      severity: 'info',
      about: { kind, namespace: 'apps', name: 'podinfo' },
      reason,
      message,
      revision: 'main@sha1:1',
    },
    about,
    'engine-1',
  )
}

const alert = (spec: Partial<Alert['spec']>): Alert => ({
  apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
  kind: 'Alert',
  metadata: { name: 'a', namespace: 'apps' },
  spec: { providerRef: { name: 'p' }, eventSources: [], ...spec },
})

test('an event of the engine is one of Flux', () => {
  expect(engineEvent('Progressing', 'ConfigMap/apps/a created')).toEqual({
    involvedObject: { apiVersion: `${group}/v1`, kind: 'Kustomization', namespace: 'apps', name: 'podinfo', uid: 'u' },
    severity: 'info',
    timestamp: '2026-01-02T03:04:05Z',
    message: 'ConfigMap/apps/a created',
    reason: 'Progressing',
    metadata: { 'event.toolkit.fluxcd.io/summary': 'from the object', [`${group}/revision`]: 'main@sha1:1' },
    reportingController: 'kustomize-controller',
    reportingInstance: 'engine-1',
  })
  expect(engineEvent('Progressing', 'x'.repeat(50_000)).message).toHaveLength(39_000)
  expect(isCommitStatusUpdate(engineEvent('ReconciliationSucceeded', 'Reconciliation finished in 1s'))).toBe(true)
  expect(isCommitStatusUpdate(engineEvent('Progressing', 'x'))).toBe(false)
})

describe('metadata', () => {
  test('is combined in the order of RFC 0008, and conflicts are said', () => {
    const event: FluxEvent = {
      ...engineEvent('Progressing', 'x'),
      metadata: {
        'event.toolkit.fluxcd.io/summary': 'object',
        'event.toolkit.fluxcd.io/env': 'dev',
        [`${group}/revision`]: 'main@sha1:1',
        [`${group}/env`]: 'controller',
      },
    }
    const { metadata, conflicts } = combineMetadata(
      event,
      alert({ summary: 'alert', eventMetadata: { team: 'a', env: 'prod' } }),
    )
    expect(metadata).toEqual({ summary: 'alert', env: 'controller', team: 'a', revision: 'main@sha1:1' })
    expect(conflicts).toEqual({
      summary: 'involved object annotations, Alert object .spec.summary',
      env: 'involved object annotations, Alert object .spec.eventMetadata, involved object controller metadata',
    })
  })

  test('that is foreign or only bookkeeping goes nowhere', () => {
    const metadata = { [`${group}/checksum`]: 'c', [`${group}/token`]: 't', [`${group}/revision`]: 'r', 'x.io/a': 'a' }
    const useful = withoutForeignMetadata({ ...engineEvent('Progressing', 'x'), metadata })
    expect(useful.metadata).toEqual({ [`${group}/token`]: 't', [`${group}/revision`]: 'r' })
    expect(withoutInternalMetadata(useful).metadata).toEqual({ [`${group}/revision`]: 'r' })
  })
})

describe('events that repeat', () => {
  const clockAt = (time: { ms: number }) => ({ monotonic: () => time.ms }) as unknown as Clock

  test('are known for a while: by object, message, revision and token', () => {
    const time = { ms: 0 }
    const known = new Duplicates(clockAt(time), 1000)
    const event = engineEvent('Progressing', 'x')
    expect([known.seen(event), known.seen({ ...event, reason: 'Other', timestamp: 'later' })]).toEqual([false, true])
    expect(known.seen({ ...event, message: 'y' })).toBe(false)
    expect(known.seen({ ...event, metadata: { [`${group}/revision`]: 'main@sha1:2' } })).toBe(false)
    time.ms = 999
    expect(known.seen(event)).toBe(true)
    time.ms = 1000
    expect(known.seen(event)).toBe(false)
  })

  test('never fill the memory', () => {
    const known = new Duplicates(clockAt({ ms: 0 }), 1000)
    for (let i = 0; i < 25_000; i++) known.seen(engineEvent('Progressing', `message ${i}`))
    expect(known.size).toBe(20_000)
  })

  test('have equal keys exactly when they tell the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const [one, two] = [engineEvent('Progressing', a), engineEvent('Progressing', b)]
        expect(eventKey(one) === eventKey(two)).toBe(a === b)
      }),
    )
  })
})

describe('an event from outside', () => {
  const good = engineEvent('Progressing', 'x')

  test('is read as it was written', () => {
    expect(readEvent(JSON.parse(JSON.stringify(good)))).toEqual(good)
  })

  test.each([
    [null, 'expected a JSON object'],
    [{ ...good, involvedObject: 7 }, 'involvedObject: expected an object'],
    [
      { ...good, involvedObject: { ...good.involvedObject, name: 7 } },
      'involvedObject.name: expected a text of at most 253 characters',
    ],
    [{ ...good, severity: 'loud' }, 'severity: expected trace, info or error'],
    [{ ...good, message: 'x'.repeat(40_000) }, 'message: expected a text of at most 39000 characters'],
    [{ ...good, timestamp: 'soon' }, 'timestamp: expected a time in RFC 3339'],
    [{ ...good, metadata: { a: 1 } }, 'metadata: expected a map of texts'],
    [{ ...good, metadata: ['a'] }, 'metadata: expected a map of texts'],
  ])('%# is refused', (value, complaint) => expect(readEvent(value)).toBe(complaint))

  test('never breaks the reader', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.constantFrom(...Object.keys(good)), (any, value, key) => {
        for (const input of [any, { ...good, [key]: value }]) {
          const event = readEvent(input)
          if (typeof event !== 'string') expect(event.involvedObject.name).toBeTypeOf('string')
        }
      }),
    )
  })
})
