import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inventoryEntry, inventoryId, mergeInventories, parseInventoryEntry, staleEntries } from './inventory.ts'

describe('an inventory id is namespace, name, group and kind', () => {
  test.each([
    [{ namespace: 'apps', name: 'web', group: 'apps', kind: 'Deployment' }, 'apps_web_apps_Deployment'],
    [{ namespace: '', name: 'apps', group: '', kind: 'Namespace' }, '_apps__Namespace'],
    [
      { namespace: '', name: 'system:node', group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
      '_system__node_rbac.authorization.k8s.io_ClusterRole',
    ],
    [{ namespace: 'a', name: 'b', group: '', kind: 'ConfigMap' }, 'a_b__ConfigMap'],
  ])('%j', (ref, id) => {
    expect(inventoryId(ref)).toBe(id)
    expect(parseInventoryEntry({ id, v: 'v1' })).toEqual({ ...ref, version: 'v1' })
  })
})

const dns = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/)

test('every object comes back from its entry', () => {
  const refs = fc.record({
    namespace: fc.option(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/), { nil: '' }),
    name: dns,
    group: fc.option(dns, { nil: '' }),
    kind: fc.constantFrom('ConfigMap', 'Deployment', 'ClusterRole', 'Kustomization'),
    version: fc.constantFrom('v1', 'v1beta2'),
  })
  fc.assert(
    fc.property(refs, ref => {
      expect(parseInventoryEntry(inventoryEntry(ref))).toEqual(ref)
    }),
  )
})

test('text that is no id is not taken for an object', () => {
  for (const id of ['', 'a', 'a_b', 'a_b_c', '___', '_x__'])
    expect(parseInventoryEntry({ id, v: 'v1' })).toBeUndefined()
})

test('an object whose API version changed is neither stale nor listed twice', () => {
  const before = [{ id: 'a_b_x_K', v: 'v1beta1' }]
  const after = [{ id: 'a_b_x_K', v: 'v1' }]
  expect(staleEntries(before, after)).toEqual([])
  expect(mergeInventories(before, after)).toEqual(after)
})
