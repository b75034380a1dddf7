import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import { eksctlRows } from './eksctl-view.ts'
import { setEksctlCount } from './scale-eksctl.ts'

const cluster = (status: object, spec: object = {}): KubeObject => ({
  apiVersion: 'fleet.sluice.dev/v1alpha1',
  kind: 'EksctlCluster',
  metadata: { name: 'shop', namespace: 'flux-system' },
  spec: { configPath: 'c.yaml', sourceRef: { name: 'flux-system' }, ...spec },
  status,
})
const node = (group: string, ready: boolean): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: `${group}-${ready}`, labels: { 'eks.amazonaws.com/nodegroup': group } },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})
const size = { min: 1, max: 5 }

describe('an eksctl cluster in the fleet', () => {
  it('shows counts of Git, the autoscaler’s bounds, machines, drift and what only AWS has', () => {
    const groups = [
      {
        name: 'web',
        kind: 'managed',
        state: 'Drifted',
        git: { ...size, desired: 3 },
        live: { ...size, desired: 2 },
        nodes: 2,
        drift: 'desired 2 → 3',
      },
      { name: 'batch', kind: 'managed', state: 'InSync', git: size, live: { ...size, desired: 4 }, nodes: 4 },
      { name: 'old', kind: 'managed', state: 'Extra', live: { ...size, desired: 1 }, nodes: 1 },
    ]
    const conditions = [{ type: 'Ready', status: 'True', message: 'x' }]
    const [row] = eksctlRows(
      [cluster({ groups, conditions, lastAppliedRevision: 'main@sha1:1' })],
      [node('web', true), node('web', false)],
    )
    expect(row).toMatchObject({ name: 'shop', health: 'Ready', message: 'only in AWS: old', wanted: 7, ready: 6 })
    expect(row?.groups).toMatchObject([
      { name: 'web', wanted: 3, current: 2, ready: 1, drift: 'desired 2 → 3', autoscaling: undefined },
      { name: 'batch', wanted: undefined, current: 4, ready: 4, autoscaling: size },
      { name: 'old', wanted: 0, current: 1 },
    ])
  })

  it('says that nobody follows it yet', () => {
    expect(eksctlRows([cluster({})], [])[0]).toMatchObject({
      health: 'Unknown',
      message: expect.stringContaining('sluice nodegroups run'),
    })
  })
})

describe('a count of a group', () => {
  const text = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: r}
managedNodeGroups:
- {name: web, minSize: 1, maxSize: 5, desiredCapacity: 2} # the front
- {name: batch, minSize: 0, maxSize: 9}
- {name: plain}
- {name: tagged, desiredCapacity: 1, tags: {k8s.io/cluster-autoscaler/enabled: "true"}}
`
  const set = (group: string, count: number, spec = {}) =>
    setEksctlCount(text, 'c.yaml', cluster({}, spec) as never, group, count)

  it('is set in the file, and nothing else', () => {
    expect(set('web', 4)).toEqual({ text: text.replace('desiredCapacity: 2', 'desiredCapacity: 4'), from: 2 })
  })

  it('may be bounds, which take a count along that would be outside of them', () => {
    const bounds = (group: string, min: number, max: number) =>
      setEksctlCount(text, 'c.yaml', cluster({}) as never, group, { min, max })
    expect(bounds('batch', 2, 6)).toEqual({
      text: text.replace('minSize: 0, maxSize: 9', 'minSize: 2, maxSize: 6'),
      from: { min: 0, max: 9 },
    })
    expect(bounds('web', 3, 8).text).toBe(
      text.replace('minSize: 1, maxSize: 5, desiredCapacity: 2', 'minSize: 3, maxSize: 8, desiredCapacity: 3'),
    )
    expect(() => set('batch', 12)).toThrow('a group that the autoscaler sizes')
  })

  it('is added where the size was left to the default', () => {
    expect(set('plain', 3)).toEqual({
      text: text.replace('{name: plain}', '{name: plain, desiredCapacity: 3}'),
      from: 2,
    })
  })

  const refused: readonly (readonly [string, string, number, object, string])[] = [
    ['outside of the bounds', 'web', 6, {}, 'cannot use --nodes-max=5 and --nodes=6'],
    ['of an autoscaled group', 'batch', 3, {}, 'the autoscaler sizes between 0 and 9'],
    ['of a group with the autoscaler’s tag', 'tagged', 3, {}, 'the autoscaler sizes'],
    [
      'of a group that the EksctlCluster hands to the autoscaler',
      'web',
      3,
      { autoscaled: ['web'] },
      'the autoscaler sizes',
    ],
    ['of an unknown group', 'nope', 3, {}, 'expected web, batch, plain, tagged'],
  ]
  for (const [name, group, count, spec, message] of refused) {
    it(`${name} is refused`, () => expect(() => set(group, count, spec)).toThrow(message))
  }
})
