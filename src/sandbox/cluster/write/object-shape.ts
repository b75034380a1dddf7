import type { KubeObject, ObjectMeta } from '../../../kube/object.ts'

const metaOrder = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const

const known = new Set<string>(['kind', 'apiVersion', 'metadata'])

/**
 * The object with `kind`, `apiVersion` and `metadata` first and metadata in the order of Kubernetes, without absent and
 * empty metadata fields. A new object; deeper parts are shared.
 */
export function shaped(object: KubeObject, kind: string, apiVersion: string): KubeObject {
  const metadata = shapedMeta(object.metadata)
  const result = { kind, apiVersion, metadata } as KubeObject
  for (const key in object) if (!known.has(key) && object[key] !== undefined) result[key] = object[key]
  return result
}

function shapedMeta(meta: ObjectMeta): ObjectMeta {
  const result: ObjectMeta = {}
  for (const key of metaOrder) {
    const value = meta[key]
    if (!isEmpty(value) || (key === 'deletionGracePeriodSeconds' && value === 0)) result[key] = value as never
  }
  return result
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0) return true
  if (Array.isArray(value)) return value.length === 0
  if (typeof value !== 'object') return false
  for (const _ in value) return false
  return true
}
