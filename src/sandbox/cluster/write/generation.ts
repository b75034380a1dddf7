import { isObject, jsonEqual } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { ServedKind } from '../kinds/registry.ts'

/** Whether objects of a kind carry `metadata.generation`. */
export function hasGeneration({ definition }: ServedKind): boolean {
  return definition.strategy.hasGeneration ?? definition.custom
}

/** Whether a write changed what `metadata.generation` counts: everything but metadata and, where it is apart, status. */
export function countsAsChange({ definition, version }: ServedKind, object: KubeObject, old: KubeObject): boolean {
  const { generationFields: fields } = definition.strategy
  if (fields) return fields.some(path => !jsonEqual(fieldAt(object, path), fieldAt(old, path)))
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

/** The value at a dotted path; an empty map counts as an absent one, as Go's comparison of objects has it. */
function fieldAt(object: KubeObject, path: string): unknown {
  let value: unknown = object
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined
  return isObject(value) && Object.keys(value).length === 0 ? undefined : value
}
