import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { WriteRequest } from './write-request.ts'

/** Keeps what the endpoint of an update may not change, in place: status on the main path, all but status on its own. */
export function prepareUpdate(request: WriteRequest, object: KubeObject, old: KubeObject): void {
  if (request.trusted) return
  const { strategy, custom } = request.kind.definition
  const { status } = request.kind.version.subresources
  if (podParts[request.subresource]) {
    keepAllBut(podParts[request.subresource]!, object, old)
    return
  }
  if (request.subresource === 'status') {
    if (strategy.prepareStatusUpdate) strategy.prepareStatusUpdate(object, old)
    else keepAllButStatus(object, old, custom)
    return
  }
  if (status) {
    if (old['status'] === undefined) delete object['status']
    else object['status'] = old['status']
  }
  strategy.prepareUpdate?.(object, old)
}

/** Subresources of pods through which one part of the spec changes that is fixed otherwise. */
export const podParts: Readonly<Record<string, readonly string[] | undefined>> = {
  ephemeralcontainers: ['ephemeralContainers'],
  resize: ['containers', 'initContainers'],
}

function keepAllBut(parts: readonly string[], object: KubeObject, old: KubeObject): void {
  const sent = isObject(object['spec']) ? object['spec'] : {}
  const spec = { ...(isObject(old['spec']) ? old['spec'] : {}) }
  for (const part of parts) if (sent[part] !== undefined) spec[part] = sent[part]
  object['spec'] = spec
  object['status'] = old['status']
}

/** Through the status subresource only status changes; labels and such are kept too for custom resources. */
function keepAllButStatus(object: KubeObject, old: KubeObject, custom: boolean): void {
  for (const key of Object.keys(object)) if (key !== 'status' && key !== 'metadata' && !(key in old)) delete object[key]
  for (const key of Object.keys(old)) if (key !== 'status' && key !== 'metadata') object[key] = old[key]
  const { managedFields } = object.metadata
  object.metadata = custom
    ? { ...old.metadata, managedFields }
    : {
        ...object.metadata,
        deletionTimestamp: old.metadata.deletionTimestamp,
        ownerReferences: old.metadata.ownerReferences,
      }
  if (managedFields === undefined) delete object.metadata.managedFields
}
