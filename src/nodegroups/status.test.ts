import { describe, expect, it } from 'vitest'
import type { EksctlCluster } from '../specs/index.ts'
import { groupEvents } from './events.ts'
import type { GroupState, GroupStatus } from './plan-group.ts'
import { nextStatus } from './status.ts'

const object = (status?: EksctlCluster['status']): EksctlCluster =>
  ({
    apiVersion: 'fleet.sluice.dev/v1alpha1',
    kind: 'EksctlCluster',
    metadata: { name: 'shop', namespace: 'flux-system', generation: 3 },
    spec: { configPath: 'c.yaml', sourceRef: { name: 'flux-system' } },
    ...(status ? { status } : {}),
  }) as EksctlCluster
const group = (name: string, state: GroupState, more: Partial<GroupStatus> = {}): GroupStatus => ({
  name,
  state,
  kind: 'managed',
  git: { min: 1, max: 2 },
  nodes: 1,
  ...more,
})
const statusAfter = (groups: GroupStatus[], before?: EksctlCluster['status']) =>
  nextStatus(object(before), { groups, revision: 'main@sha1:1', region: 'r' }, () => new Date(0))
const ready = (groups: GroupStatus[]) => {
  const found = statusAfter(groups).conditions?.find(one => one.type === 'Ready')
  return [found?.status, found?.reason]
}

describe('the status of an EksctlCluster', () => {
  it('is Ready when all groups agree, and then has the revision as applied', () => {
    const status = statusAfter([group('a', 'InSync'), group('b', 'InSync')])
    expect(status).toMatchObject({
      observedGeneration: 3,
      lastAppliedRevision: 'main@sha1:1',
      lastAttemptedRevision: 'main@sha1:1',
      groupCount: 2,
      nodes: 2,
    })
    expect(ready([group('a', 'InSync')])).toEqual(['True', 'ReconciliationSucceeded'])
  })

  it('is Ready with an extra group that is only reported, and names it', () => {
    const { git: _, ...extra } = group('b', 'Extra')
    const status = statusAfter([group('a', 'InSync'), extra])
    expect(status.groupCount).toBe(1)
    expect(status.conditions?.[0]?.message).toBe('Applied revision: main@sha1:1; only in AWS: b')
  })

  const cases: readonly (readonly [GroupState, string, string])[] = [
    ['Updating', 'Unknown', 'Progressing'],
    ['Waiting', 'Unknown', 'Progressing'],
    ['Creating', 'Unknown', 'Progressing'],
    ['Deleting', 'Unknown', 'Progressing'],
    ['Missing', 'False', 'GroupsMissing'],
    ['Drifted', 'False', 'Drifted'],
    ['Refused', 'False', 'ReconciliationFailed'],
    ['Failed', 'False', 'ReconciliationFailed'],
  ]
  for (const [state, status, reason] of cases) {
    it(`is ${status} (${reason}) with a group that is ${state}`, () => {
      expect(ready([group('a', 'InSync'), group('b', state)])).toEqual([status, reason])
    })
  }

  it('keeps what was applied and the groups when a look fails', () => {
    const before = statusAfter([group('a', 'InSync')])
    const outcome = { failure: { reason: 'BuildFailed', message: 'x' }, revision: 'main@sha1:2' }
    const status = nextStatus(object(before), outcome, () => new Date(0))
    expect(status).toMatchObject({
      lastAppliedRevision: 'main@sha1:1',
      lastAttemptedRevision: 'main@sha1:2',
      groups: [{ name: 'a' }],
    })
  })
})

describe('the events of groups', () => {
  it('tell of changes only', () => {
    const old = [group('a', 'InSync'), group('b', 'Deleting'), group('c', 'Failed', { message: 'x' })]
    const now = [
      group('a', 'Updating', { message: 'asked' }),
      group('c', 'Failed', { message: 'x' }),
      group('d', 'InSync'),
    ]
    expect(groupEvents(old, now)).toEqual([
      { type: 'Normal', reason: 'GroupUpdating', message: 'a: asked' },
      { type: 'Normal', reason: 'GroupDeleted', message: 'b: it is gone' },
    ])
    expect(groupEvents([], [group('a', 'Refused', { message: 'no' })])).toEqual([
      { type: 'Warning', reason: 'GroupRefused', message: 'a: no' },
    ])
  })
})
