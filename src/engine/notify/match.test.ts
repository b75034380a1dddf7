import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../specs/flux/alert.ts'
import { testPattern } from './bounded-pattern.ts'
import type { FluxEvent } from './event.ts'
import { labelsMatch, messageMatches, sourcesFor } from './match.ts'

function alert(spec: Partial<Alert['spec']>): Alert {
  return {
    apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
    kind: 'Alert',
    metadata: { name: 'alert', namespace: 'apps' },
    spec: { providerRef: { name: 'p' }, eventSources: [], ...spec },
  }
}

function event(about: Partial<FluxEvent['involvedObject']> = {}, rest: Partial<FluxEvent> = {}): FluxEvent {
  return {
    involvedObject: {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      namespace: 'apps',
      name: 'podinfo',
      ...about,
    },
    severity: 'info',
    timestamp: '2026-01-01T00:00:00Z',
    message: 'Applied revision: main@sha1:abc',
    reason: 'Progressing',
    reportingController: 'kustomize-controller',
    ...rest,
  }
}

describe('an alert takes events', () => {
  const named = alert({ eventSources: [{ kind: 'Kustomization', name: 'podinfo' }] })
  const all = alert({ eventSources: [{ kind: 'Kustomization', name: '*', namespace: 'other' }] })

  test('of the objects that it names, in its own namespace unless it says another', () => {
    expect(sourcesFor(named, event())).toHaveLength(1)
    expect(sourcesFor(named, event({ name: 'else' }))).toEqual([])
    expect(sourcesFor(named, event({ namespace: 'other' }))).toEqual([])
    expect(sourcesFor(named, event({ kind: 'GitRepository' }))).toEqual([])
    expect(sourcesFor(all, event({ namespace: 'other', name: 'any' }))).toHaveLength(1)
    expect(sourcesFor(all, event())).toEqual([])
  })

  test('of errors only when it says so, and never of traces', () => {
    const errors = alert({ eventSeverity: 'error', eventSources: [{ kind: 'Kustomization', name: '*' }] })
    expect(sourcesFor(errors, event())).toEqual([])
    expect(sourcesFor(errors, event({}, { severity: 'error' }))).toHaveLength(1)
    expect(sourcesFor(named, event({}, { severity: 'trace' }))).toEqual([])
  })

  test('of objects with its labels', () => {
    expect(labelsMatch(undefined, undefined)).toBe(true)
    expect(labelsMatch({ team: 'a' }, { team: 'a', x: 'y' })).toBe(true)
    expect(labelsMatch({ team: 'a' }, { team: 'b' })).toBe(false)
    expect(labelsMatch({ team: 'a' }, undefined)).toBe(false)
  })
})

describe('the lists of an alert', () => {
  test('let through what is included and not excluded', () => {
    const lists = alert({ inclusionList: ['^Applied', 'pruned$'], exclusionList: ['(?i)DRY.?RUN'] })
    expect(messageMatches(lists, 'Applied revision').matches).toBe(true)
    expect(messageMatches(lists, 'all pruned').matches).toBe(true)
    expect(messageMatches(lists, 'Applied: dry-run').matches).toBe(false)
    expect(messageMatches(lists, 'other').matches).toBe(false)
    expect(messageMatches(alert({}), 'anything').matches).toBe(true)
  })

  test('with a broken expression say so and go on with the others', () => {
    const result = messageMatches(alert({ exclusionList: ['(', 'noise'] }), 'some noise')
    expect(result.matches).toBe(false)
    expect(result.problems).toEqual([
      {
        reason: 'InvalidConfig',
        message: 'failed to compile exclusion regex: error parsing regexp: missing closing ): `(`',
      },
    ])
  })

  test('never hold the engine up, whatever the expression', () => {
    for (const hostile of ['^(\\pL+)+$', '^(a{0,1000}){0,1000}$', '(a*)*b', '(.*)*(.*)*(.*)*(.*)*(.*)*x{20}']) {
      const result = testPattern(hostile, `${'a'.repeat(5000)}!`)
      expect(['boolean', 'string']).toContain(typeof result)
    }
    expect(messageMatches(alert({ inclusionList: ['a'.repeat(2000)] }), 'a').problems).toHaveLength(1)
    expect(messageMatches(alert({ inclusionList: Array.from({ length: 200 }, () => 'x') }), 'a').problems).toHaveLength(
      1,
    )
  })

  test('find a literal in any text, and agree with each other', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 40 }), (message, part) => {
        const literal = part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
        const included = messageMatches(alert({ inclusionList: [literal] }), message).matches
        const excluded = !messageMatches(alert({ exclusionList: [literal] }), message).matches
        expect(included).toBe(excluded)
        // One private character stands for each one beyond the basic plane.
        if (!/[\ud800-\udfff\ue000\n]/.test(message + part)) expect(included).toBe(message.includes(part))
      }),
    )
  })

  test('never throw, whatever the expressions are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 }), { maxLength: 5 }), fc.string(), (patterns, message) => {
        messageMatches(alert({ inclusionList: patterns, exclusionList: patterns }), message)
      }),
    )
  })
})
