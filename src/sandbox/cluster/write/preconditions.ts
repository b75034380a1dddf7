import type { KubeObject } from '../../../kube/object.ts'
import { badRequest, conflict, invalid, type StatusError } from '../http/status.ts'
import type { StoredRecord } from '../store/record.ts'
import type { WriteRequest } from './write-request.ts'

/** Name and namespace in a body must be those of the path. Throws 400. */
export function checkIdentity(request: WriteRequest, sent: KubeObject): void {
  const { name, namespace } = sent.metadata
  if (name && name !== request.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${request.name})`)
  }
  if (namespace && request.kind.definition.namespaced && namespace !== request.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}

/**
 * Whether the object is still the one that the client saw: by uid and by resource version. Throws 409, or 422 where a
 * version is required. A patch needs none, and its uid is judged as a field.
 */
export function checkVersion(request: WriteRequest, isPatch: boolean, sent: KubeObject, record: StoredRecord): void {
  const { definition } = request.kind
  const { uid, resourceVersion } = sent.metadata
  const subject = { group: definition.group, resource: definition.plural, name: request.name }
  if (uid && uid !== record.uid && !isPatch) throw uidMismatch(request, uid, record.uid)
  if (!resourceVersion) {
    const unconditional = isPatch || (definition.strategy.allowUnconditionalUpdate ?? !definition.custom)
    if (unconditional) return
    throw invalid({ ...subject, resource: definition.plural }, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        value: 0,
        detail: 'must be specified for an update',
      },
    ])
  }
  if (resourceVersion !== String(record.version)) {
    throw conflict(
      subject,
      'the object has been modified; please apply your changes to the latest version and try again',
    )
  }
}

function uidMismatch(request: WriteRequest, asked: string, found: string): StatusError {
  const { definition } = request.kind
  const path = request.namespace === '' ? request.name : `${request.namespace}/${request.name}`
  const folder =
    definition.group === '' || !definition.custom ? definition.plural : `${definition.group}/${definition.plural}`
  return conflict(
    { group: definition.group, resource: definition.plural, name: request.name },
    `StorageError: invalid object, Code: 4, Key: /registry/${folder}/${path}, ResourceVersion: 0, AdditionalErrorMsg: ` +
      `Precondition failed: UID in precondition: ${asked}, UID in object meta: ${found}`,
  )
}
