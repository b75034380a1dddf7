import { expect, test } from 'vitest'
import type { KubeObject, ManagedFieldsEntry } from '../../kube/object.ts'
import { needsTakeOver, takeOverPatch } from './cleanup.ts'

const entry = (manager: string, operation: 'Apply' | 'Update', fields: Record<string, unknown>, subresource?: string) =>
  ({
    manager,
    operation,
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(subresource ? { subresource } : {}),
  }) satisfies ManagedFieldsEntry

const object = (managedFields: ManagedFieldsEntry[], annotations?: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', resourceVersion: '7', managedFields, ...(annotations ? { annotations } : {}) },
})

test('fields of kubectl become ours, those of others and of the status stay theirs', () => {
  const ours = entry('kustomize-controller', 'Apply', { 'f:data': { 'f:a': {} } })
  const hpa = entry('hpa', 'Update', { 'f:spec': {} })
  const status = entry('kubectl-edit', 'Update', { 'f:status': {} }, 'status')
  const patch = takeOverPatch(
    object(
      [
        ours,
        hpa,
        status,
        entry('kubectl-edit', 'Update', { 'f:data': { 'f:b': {} } }),
        entry('kubectl', 'Apply', { 'f:metadata': { 'f:labels': { 'f:x': {} } } }),
        entry('before-first-apply', 'Update', { 'f:data': { 'f:c': {} } }),
        entry('kustomize-controller', 'Update', { 'f:data': { 'f:d': {} } }),
      ],
      { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    ),
  )
  const merged = {
    ...ours,
    fieldsV1: {
      'f:data': { 'f:a': {}, 'f:b': {}, 'f:c': {}, 'f:d': {} },
      'f:metadata': { 'f:labels': { 'f:x': {} } },
    },
  }
  expect(patch).toEqual([
    { op: 'remove', path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration' },
    { op: 'replace', path: '/metadata/managedFields', value: [hpa, status, merged] },
    { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
  ])
})

test('the documented way to keep fields set by hand is left alone', () => {
  const live = object([
    entry('flux-client-side-apply', 'Update', { 'f:data': {} }),
    entry('kustomize-controller', 'Apply', {}),
  ])
  expect(needsTakeOver(live)).toBe(false)
  expect(takeOverPatch(live)).toBeUndefined()
})
