// Temporary: managed fields and strategic merge until src/kube/merge is complete.
import type { ApplyRequest, ApplyResult, UpdateRequest } from '../../../kube/merge/managed-fields/types.ts'
import { applyMergePatch } from '../../../kube/merge/merge-patch.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Schema } from '../../../kube/schema/types.ts'

export { applyJsonPatch, parseJsonPatch } from '../../../kube/merge/json-patch.ts'
export { applyMergePatch }

export function updateManaged(request: UpdateRequest): KubeObject {
  return request.updated
}

export function applyManaged(request: ApplyRequest): ApplyResult {
  return { object: applyMergePatch(request.live ?? {}, request.applied) as KubeObject }
}

export function applyStrategicMergePatch(live: unknown, patch: unknown, _schema: Schema | undefined): unknown {
  return applyMergePatch(live, patch)
}
