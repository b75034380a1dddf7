import { isObject } from '../../base/json.ts'
import { isConflict, isInvalid, isKindUnknown, isNotFound, isUnavailable, statusOf } from '../../kube/client/status.ts'
import { formatRef, type ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { messageOf, StepFailure } from '../failure.ts'

/** The server's refusal of an object, in Flux's words, without any value of a Secret. */
export function refusalOf(
  error: unknown,
  desired: KubeObject,
  ref: ObjectRef,
  step: 'dry-run' | 'apply' | 'delete',
): StepFailure {
  if (error instanceof StepFailure) return error
  const status = statusOf(error)
  const text = withoutValues(status?.message ?? messageOf(error), desired)
  const id = formatRef(ref)
  const options = { transient: isUnavailable(error), cause: error }
  if (isKindUnknown(error)) return missingKind(ref)
  if (isNotFound(error)) return new StepFailure('ReconciliationFailed', `${id} not found: ${text}`, options)
  const reason = status?.reason === undefined ? '' : ` (${status.reason})`
  return new StepFailure('ReconciliationFailed', `${id} ${step} failed${reason}: ${text}`, options)
}

/** A kind that the cluster does not have: its CRD is not there yet, or never will be. */
export class MissingKind extends StepFailure {
  readonly ref: ObjectRef

  constructor(ref: ObjectRef) {
    const version = ref.group === '' ? ref.version : `${ref.group}/${ref.version}`
    super(
      'ReconciliationFailed',
      `${formatRef(ref)} not found: no matches for kind "${ref.kind}" in version "${version}"; it is tried again as soon as a CRD defines it`,
    )
    this.ref = ref
  }
}

export function missingKind(ref: ObjectRef): StepFailure {
  return new MissingKind(ref)
}

/** Whether an error says that a field cannot be changed in place: as kubectl sees it, plus webhooks' and CEL rules' words. */
export function isImmutable(error: unknown): boolean {
  if (isConflict(error) || isInvalid(error)) return true
  return /is immutable|immutable field/.test(messageOf(error))
}

/** Servers echo what they refuse; the data of a Secret must not get into a condition or a log that way. */
function withoutValues(message: string, object: KubeObject): string {
  if (object.kind !== 'Secret') return message
  let out = message
  for (const field of ['data', 'stringData']) {
    const values = object[field]
    if (!isObject(values)) continue
    for (const value of Object.values(values)) {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      if (text === undefined || text.length < 3) continue
      out = out.replaceAll(text, '***').replaceAll(Buffer.from(text, 'base64').toString('utf8') || text, '***')
    }
  }
  return out
}
