import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../kube/object.ts'
import type { Cluster } from '../../specs/index.ts'
import { type MachineGroup, machineGroups } from './groups.ts'
import { isReady, newNode, nodeStatus } from './node.ts'
import { type KnownSize, planGroup, sizeOf } from './plan.ts'

const now = new Date('2026-01-01T00:00:00Z')

function groupWith(worker: object, version = '1.32'): MachineGroup {
  const cluster = {
    apiVersion: '',
    kind: 'Cluster',
    metadata: { name: 'prod' },
    spec: { kubernetesVersion: version, workerNodeGroupConfigurations: [{ name: 'web', ...worker }] },
  } as Cluster
  return machineGroups(cluster)[1]!
}

const node = (group: MachineGroup, ready = true): KubeObject => {
  const made = newNode({ name: 'prod', namespace: 'default' }, group, now)
  return ready ? { ...made, status: nodeStatus(group, made.metadata.name!, true, now) } : made
}
const nodes = (group: MachineGroup, count: number, ready = true) =>
  Array.from({ length: count }, () => node(group, ready))

describe('the number of machines of a group', () => {
  const wanted = (group: MachineGroup, here: readonly KubeObject[], before?: KnownSize) =>
    sizeOf(group, here, before).wanted
  const bounds = { autoscalingConfiguration: { minCount: 1, maxCount: 5 } }

  it('is the count of a fixed group', () => {
    expect(wanted(groupWith({ count: 3 }), [])).toBe(3)
    expect(wanted(groupWith({ count: 0 }), nodes(groupWith({ count: 3 }), 3))).toBe(0)
  })

  it('is what the autoscaler made of it, within bounds', () => {
    const group = groupWith({ count: 2, ...bounds })
    expect(wanted(group, nodes(group, 4))).toBe(4)
    expect(wanted(group, nodes(group, 7))).toBe(5)
    expect(wanted(groupWith({ autoscalingConfiguration: { minCount: 3, maxCount: 5 } }), nodes(group, 1))).toBe(3)
    expect(wanted(group, nodes(group, 3), { wanted: 2, reached: true })).toBe(3)
  })

  it('is where the spec starts until that many have been there, and then may go to zero', () => {
    const group = groupWith({ count: 2, autoscalingConfiguration: { minCount: 0, maxCount: 5 } })
    let size = sizeOf(group, [], undefined)
    expect(size).toEqual({ wanted: 2, reached: false })
    size = sizeOf(group, nodes(group, 1), size)
    expect(size).toEqual({ wanted: 2, reached: false })
    size = sizeOf(group, nodes(group, 2), size)
    expect(size).toEqual({ wanted: 2, reached: true })
    expect(sizeOf(group, [], size)).toEqual({ wanted: 0, reached: true })
  })

  it('does not grow with the extra machine of a replacement', () => {
    const old = groupWith(bounds, '1.31')
    const group = groupWith(bounds)
    expect(wanted(group, [...nodes(old, 2), node(group)], { wanted: 2, reached: true })).toBe(2)
  })

  it('follows new bounds', () => {
    const group = groupWith({ autoscalingConfiguration: { minCount: 4, maxCount: 5 } })
    const size = sizeOf(group, nodes(group, 2), { wanted: 2, reached: true })
    expect(size).toEqual({ wanted: 4, reached: false })
    expect(sizeOf(group, nodes(group, 3), size)).toEqual({ wanted: 4, reached: false })
  })
})

describe('the next step of a group', () => {
  const group = groupWith({ count: 3 })
  const old = groupWith({ count: 3 }, '1.31')

  it('makes what is missing at once', () => {
    expect(planGroup(group, [], 3)).toEqual({ create: 3, remove: [] })
    expect(planGroup(group, nodes(group, 3), 3)).toEqual({ create: 0, remove: [] })
  })

  it('takes away machines that are not Ready first', () => {
    const waiting = node(group, false)
    expect(planGroup(group, [...nodes(group, 3), waiting], 3).remove).toEqual([waiting])
    expect(planGroup(group, nodes(group, 3), 0).remove).toHaveLength(3)
  })

  it('replaces machines of an older version one after the other, the new one first', () => {
    const before = nodes(old, 3)
    expect(planGroup(group, before, 3)).toEqual({ create: 1, remove: [] })
    expect(planGroup(group, [...before, node(group, false)], 3)).toEqual({ create: 0, remove: [] })
    const step = planGroup(group, [...before, node(group)], 3)
    expect(step.create).toBe(0)
    expect(step.remove).toHaveLength(1)
    expect(before).toContain(step.remove[0])
  })

  it('always ends with the wanted number of new machines, and on the way never has too few that are Ready', () => {
    const count = fc.integer({ min: 0, max: 4 })
    fc.assert(
      fc.property(count, count, count, count, (oldReady, oldWaiting, fresh, wanted) => {
        let here = [...nodes(old, oldReady), ...nodes(old, oldWaiting, false), ...nodes(group, fresh)]
        let steps = 0
        for (;;) {
          const step = planGroup(group, here, wanted)
          if (step.create === 0 && step.remove.length === 0) {
            const waiting = here.filter(one => !isReady(one))
            if (waiting.length === 0) break
            here = [...here.filter(isReady), ...waiting.map(() => node(group))]
            continue
          }
          const readyBefore = here.filter(isReady).length
          here = [...here.filter(one => !step.remove.includes(one)), ...nodes(group, step.create, false)]
          expect(here.filter(isReady).length).toBeGreaterThanOrEqual(Math.min(readyBefore, wanted))
          expect(here.length).toBeLessThanOrEqual(Math.max(wanted + 1, oldReady + oldWaiting + fresh))
          expect(++steps).toBeLessThan(60)
        }
        expect(here).toHaveLength(wanted)
        expect(here.every(one => one.metadata.annotations?.['sluice.dev/machine-template'] === group.template)).toBe(
          true,
        )
      }),
    )
  })
})
