import { jsonEqual } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { ServedKind } from '../kinds/registry.ts'

/** Whether objects of a kind carry `metadata.generation`. */
export function hasGeneration({ definition }: ServedKind): boolean {
  return definition.strategy.hasGeneration ?? definition.custom
}

/** Whether a write changed what `metadata.generation` counts: everything but metadata and, where it is apart, status. */
export function countsAsChange({ definition, version }: ServedKind, object: KubeObject, old: KubeObject): boolean {
  const { generationFields: fields, generationCountsAnnotations } = definition.strategy
  if (generationCountsAnnotations && !jsonEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {}))
    return true
  if (fields) return fields.some(field => !jsonEqual(object[field], old[field]))
  const ignored = (key: string) =>
    key === 'metadata' ||
    key === 'apiVersion' ||
    key === 'kind' ||
    (key === 'status' && (!definition.custom || version.subresources.status))
  for (const key of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (!ignored(key) && !jsonEqual(object[key], old[key])) return true
  }
  return false
}
