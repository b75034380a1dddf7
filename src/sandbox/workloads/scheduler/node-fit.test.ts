import { describe, expect, it } from 'vitest'
import type { Node, PodSpec } from '../shared/types.ts'
import { mayStay, misfit, nodesOrVirtual, tolerates, virtualNodeName } from './node-fit.ts'

const node = (spec: Node['spec'] = {}, ready = true): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', labels: { zone: 'a', cores: '8' } },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})
const pod = (spec: Partial<PodSpec> = {}): PodSpec => ({ containers: [], ...spec })
const terms = (...nodeSelectorTerms: object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
})
const requires = (key: string, operator: string, ...values: string[]) =>
  pod(terms({ matchExpressions: [{ key, operator, values }] }))

describe('whether a pod fits a node', () => {
  it('depends on cordons, taints and readiness, unless the pod tolerates them', () => {
    const taints = [{ key: 'k', value: 'v', effect: 'NoSchedule' }]
    expect(misfit(pod(), node())).toBeUndefined()
    expect(misfit(pod(), node({ unschedulable: true }))).toBe('node(s) were unschedulable')
    expect(misfit(pod(), node({ taints }))).toBe('node(s) had untolerated taint {k: v}')
    expect(misfit(pod(), node({}, false))).toBe('node(s) had untolerated taint {node.kubernetes.io/not-ready: }')
    expect(
      misfit(pod({ tolerations: [{ operator: 'Exists' }] }), node({ taints, unschedulable: true }, false)),
    ).toBeUndefined()
    expect(misfit(pod(), node({ taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }))).toBeUndefined()
  })

  it.each([
    ['zone', 'In', ['a', 'b'], true],
    ['zone', 'NotIn', ['a'], false],
    ['rack', 'NotIn', ['a'], true],
    ['zone', 'Exists', [], true],
    ['zone', 'DoesNotExist', [], false],
    ['cores', 'Gt', ['4'], true],
    ['cores', 'Lt', ['8'], false],
    ['rack', 'Gt', ['1'], false],
  ])('%s %s %j: %s', (key, operator, values, fits) => {
    expect(misfit(requires(key, operator, ...values), node()) === undefined).toBe(fits)
  })

  it('holds when one of the terms does, and an empty term holds never', () => {
    const name = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }
    expect(misfit(pod(terms({}, name)), node())).toBeUndefined()
    expect(misfit(pod(terms({})), node())).toMatch(/affinity/)
    expect(misfit(pod({ nodeSelector: { zone: 'b' } }), node())).toMatch(/affinity/)
  })

  it('lets a pod stay that a NoSchedule taint would keep away', () => {
    const taint = (effect: string) => node({ taints: [{ key: 'k', effect }] })
    expect(mayStay(pod(), taint('NoSchedule'))).toBe(true)
    expect(mayStay(pod(), taint('NoExecute'))).toBe(false)
  })
})

it('a toleration is for its key, value and effect', () => {
  const taint = { key: 'k', value: 'v', effect: 'NoExecute' }
  expect(tolerates([{ key: 'k', value: 'v' }], taint)).toBe(true)
  expect(tolerates([{ key: 'k', value: 'w' }], taint)).toBe(false)
  expect(tolerates([{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }], taint)).toBe(false)
  expect(tolerates([{ operator: 'Equal' }], taint)).toBe(false)
})

it('a cluster without nodes has the virtual one', () => {
  expect(nodesOrVirtual([]).map(one => one.metadata.name)).toEqual([virtualNodeName])
  expect(nodesOrVirtual([node()])).toHaveLength(1)
})
