import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readClusterConfig } from './read-cluster-config.ts'
import { setGroupSize } from './set-group-size.ts'

const text = `# our cluster
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: prod, region: eu-north-1}
managedNodeGroups:
  - name: a
    desiredCapacity: 3 # three is enough
  - name: "b"
    minSize: 1
    maxSize: 9
nodeGroups:
- {name: c, desiredCapacity: 1}
`

it('changes one number and leaves every other byte', () => {
  expect(setGroupSize(text, 'managed', 'a', { desiredCapacity: 5 })).toBe(text.replace('3 # three', '5 # three'))
  expect(setGroupSize(text, 'self-managed', 'c', { desiredCapacity: 2 })).toBe(
    text.replace('Capacity: 1}', 'Capacity: 2}'),
  )
  expect(setGroupSize(text, 'managed', 'b', { minSize: 2, maxSize: 8 })).toBe(
    text.replace('minSize: 1', 'minSize: 2').replace('maxSize: 9', 'maxSize: 8'),
  )
})

it('adds a size that the group does not have yet', () => {
  const changed = setGroupSize(text, 'managed', 'b', { desiredCapacity: 4 })
  expect(readClusterConfig({ path: 'c', text: changed! }).found?.config.managedNodeGroups?.[1]).toEqual({
    name: 'b',
    minSize: 1,
    maxSize: 9,
    desiredCapacity: 4,
  })
})

it('knows no group of another kind or name', () => {
  expect(setGroupSize(text, 'managed', 'c', { minSize: 1 })).toBeUndefined()
  expect(setGroupSize('a: 1\n', 'managed', 'a', { minSize: 1 })).toBeUndefined()
})

it('is read back as what was asked for, whatever the number', () => {
  fc.assert(
    fc.property(fc.nat(1000), count => {
      const changed = setGroupSize(text, 'managed', 'a', { desiredCapacity: count })!
      expect(
        readClusterConfig({ path: 'c', text: changed }).found?.config.managedNodeGroups?.[0]?.desiredCapacity,
      ).toBe(count)
      expect(changed.split('\n').length).toBe(text.split('\n').length)
    }),
  )
})
