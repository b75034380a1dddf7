import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { setCount } from './set-count.ts'

const file = `# the fleet's pride
apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Cluster
metadata: {name: prod}
spec:
  controlPlaneConfiguration:
    count: 3   # odd
  workerNodeGroupConfigurations:
    - name: "web"
      # change me
      count:   2
    - count: 7
      name: 'db'
    - name: bare
      machineGroupRef: {kind: VSphereMachineConfig, name: m}
    - name: auto
      count: 2
      autoscalingConfiguration: {minCount: 1, maxCount: 4}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
data: {count: "2"}
`

describe('changing a count in a cluster file', () => {
  it.each([
    ['web', 5, '      count:   2', '      count:   5'],
    ['db', 0, '    - count: 7', '    - count: 0'],
    ['control-plane', 5, '    count: 3   # odd', '    count: 5   # odd'],
  ])('of %s to %d changes that line and no other byte', (group, count, before, after) => {
    expect(setCount(file, 'prod', group, count).text).toBe(file.replace(before, after))
  })

  it('adds a count that was left to the default', () => {
    const { text, from, after } = setCount(file, 'prod', 'bare', 4)
    expect(from).toBe(1)
    expect(text.split('\n').length).toBe(file.split('\n').length + 1)
    const groups = (after['spec'] as { workerNodeGroupConfigurations: unknown[] }).workerNodeGroupConfigurations
    expect(groups[2]).toMatchObject({ name: 'bare', count: 4 })
  })

  it('is undone by setting the old count', () => {
    fc.assert(
      fc.property(fc.constantFrom('web', 'db', 'control-plane'), fc.nat(999), (group, count) => {
        const change = setCount(file, 'prod', group, count)
        return setCount(change.text, 'prod', group, change.from).text === file
      }),
    )
  })

  it('refuses what is not there, and what belongs to the autoscaler', () => {
    expect(() => setCount(file, 'prod', 'nowhere', 1)).toThrow(
      /no such node group.*expected control-plane, web, db, bare, auto/,
    )
    expect(() => setCount(file, 'staging', 'web', 1)).toThrow(/no such cluster/)
    expect(() => setCount(file, 'prod', 'auto', 3)).toThrow(/autoscaler sizes between 1 and 4/)
  })
})
