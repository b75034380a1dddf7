import { describe, expect, it } from 'vitest'
import { checkEdit } from './check-edit.ts'

const before = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: eu-west-1}
managedNodeGroups:
- {name: web, minSize: 1, maxSize: 5, desiredCapacity: 2}
`
const edit = (after: string) => () => checkEdit({ path: 'c.yaml', cluster: 'shop', before, after, eksctl: true })

describe('an edit of a ClusterConfig', () => {
  it('is taken when the file keeps the rules of eksctl', () => {
    expect(edit(before.replace('maxSize: 5', 'maxSize: 9'))).not.toThrow()
  })

  it.each([
    ['maxSize: 5', 'maxsize: 5', 'maxsize'],
    ['maxSize: 5', 'maxSize: 1', 'managedNodeGroups[0]'],
    ['name: shop', 'name: other', 'metadata.name: Invalid value: "other": field is immutable'],
    ['region: eu-west-1', 'region: us-east-1', 'c.yaml:3'],
  ])('that makes %j of it %j is refused', (from, to, message) => {
    expect(edit(before.replace(from, to))).toThrow(message)
  })
})
