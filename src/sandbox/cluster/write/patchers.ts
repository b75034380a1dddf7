import { SluiceError } from '../../../base/errors/index.ts'
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, parseJsonPatch } from '../../../kube/merge/index.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { badRequest, entityTooLarge, internalStatus, StatusError } from '../http/status.ts'
import type { ServedKind } from '../kinds/registry.ts'

/** Turns the live object into the patched one; called again when a write came between. */
export type Patcher = (live: KubeObject) => unknown

/** How a patch of a content type is applied; undefined for types that the kind does not take. */
export function patcherFor(type: string, kind: ServedKind): ((patch: unknown) => Patcher) | undefined {
  switch (type) {
    case 'application/json-patch+json':
      return patch => {
        const operations = attempt(() => parseJsonPatch(patch))
        return live => attempt(() => applyJsonPatch(live, operations))
      }
    case 'application/merge-patch+json':
      return patch => live => applyMergePatch(live, patch)
    case 'application/strategic-merge-patch+json':
      if (kind.definition.custom) return undefined
      return patch => live => attempt(() => applyStrategicMergePatch(live, patch, kind.version.schema))
    default:
      return undefined
  }
}

/** Failures of the merge rules as the answers that Kubernetes gives for them. */
function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    const message = String(error.facts.details?.['message'] ?? error.facts.seen ?? error.message)
    switch (error.code as string) {
      case 'E_JSON_PATCH_MALFORMED':
        throw badRequest(message.startsWith('error decoding patch: ') ? message : `error decoding patch: ${message}`)
      case 'E_JSON_PATCH_TOO_LARGE':
        throw entityTooLarge(message)
      case 'E_JSON_PATCH_FAILED':
        // The generic status of apimachinery for a 422 that names no object.
        throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
      case 'E_STRATEGIC_PATCH_INVALID':
      case 'E_MERGE_PATCH':
        throw internalStatus(message)
      default:
        throw error
    }
  }
}
