import { isObject } from '../../base/json.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { StepFailure } from '../failure.ts'

/** Metadata that only the server writes: it has no place in an apply. */
const serverFields = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields', 'selfLink']

/**
 * The object in the form that is applied: without status and server-made metadata, a Secret's `stringData` as `data`
 * (the server would fold it in and every later comparison would differ).
 */
export function normalised(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object
  const metadata = { ...object.metadata }
  for (const field of serverFields) delete metadata[field]
  const out: KubeObject = { ...rest, metadata } as KubeObject
  if (out.kind === 'Secret' && out.apiVersion === 'v1' && isObject(out['stringData'])) {
    const data: Record<string, unknown> = isObject(out['data']) ? { ...out['data'] } : {}
    for (const [key, value] of Object.entries(out['stringData'])) {
      if (typeof value === 'string') data[key] = Buffer.from(value).toString('base64')
    }
    out['data'] = data
    delete out['stringData']
  }
  return out
}

/** Refuses a Secret that SOPS has encrypted: applied as it is, it would replace the real values by their cipher text. */
export function refuseEncrypted(object: KubeObject): void {
  if (object.kind !== 'Secret' || !isObject(object['sops'])) return
  throw new StepFailure(
    'ReconciliationFailed',
    `${formatRef(refOf(object))} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
  )
}
