// Temporary: replaced by src/kube/merge as soon as it lands.
import { isObject } from '../../../base/json.ts'
import type { ApplyRequest, ApplyResult, UpdateRequest } from '../../../kube/merge/managed-fields/types.ts'
import type { KubeObject } from '../../../kube/object.ts'
export function updateManaged(request: UpdateRequest): KubeObject {
  return request.updated
}
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const out: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [k, v] of Object.entries(patch)) {
    if (v === null) delete out[k]
    else out[k] = applyMergePatch(out[k], v)
  }
  return out
}
export function applyManaged(request: ApplyRequest): ApplyResult {
  return { object: applyMergePatch(request.live ?? {}, request.applied) as KubeObject }
}
