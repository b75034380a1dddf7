import { SluiceError } from '../../../base/errors/index.ts'

/** HTTP statuses with which the API server answers faults of a strategic merge patch (`interpretStrategicMergePatchError`). */
export type PatchFaultStatus = 400 | 422 | 500

/**
 * A strategic merge patch that does not apply. `path` is where in the object; `message` are the words of apimachinery,
 * which also stand in `details.message`, with `details.status` the HTTP status of the answer.
 */
export function patchFault(path: string, message: string, status: PatchFaultStatus = 500): SluiceError {
  return new SluiceError('E_STRATEGIC_PATCH_INVALID', {
    object: path === '' ? 'the patch' : path,
    seen: message.trimEnd(),
    details: { status, message },
  })
}
