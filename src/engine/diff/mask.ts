import { isObject, jsonEqual } from '../../base/json.ts'
import { parseApiVersion } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'

/** Metadata that differs at every write and says nothing about what a person configures. */
const noise = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields', 'selfLink']

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** Two readings of one object, ready to be shown. */
export interface Shown {
  readonly before: KubeObject | undefined
  readonly after: KubeObject | undefined
}

/**
 * What may be shown of an object before and after a change: no status, no metadata of the server, and no value of a
 * Secret. Whether an object is a Secret is what the server says that it is, not what a file says. A masked value still
 * shows whether it changes.
 */
export function shown(before: KubeObject | undefined, after: KubeObject | undefined): Shown {
  const secret = [before, after].some(object => object !== undefined && isSecret(object))
  const [a, b] = [before && cleaned(before, secret), after && cleaned(after, secret)]
  if (secret) for (const field of ['data', 'stringData']) maskValues(a?.[field], b?.[field])
  return { before: a, after: b }
}

function isSecret(object: KubeObject): boolean {
  return object.kind === 'Secret' && parseApiVersion(object.apiVersion).group === ''
}

function cleaned(object: KubeObject, secret: boolean): KubeObject {
  const { status: _status, ...rest } = structuredClone(object)
  for (const field of noise) delete rest.metadata[field]
  const { annotations } = rest.metadata
  // kubectl keeps a copy of everything in it, the values of a Secret included.
  if (annotations?.[lastApplied] !== undefined) annotations[lastApplied] = secret ? '***' : annotations[lastApplied]
  return rest as KubeObject
}

/** Masks two maps of values in place. */
function maskValues(before: unknown, after: unknown): void {
  const a = isObject(before) ? before : {}
  const b = isObject(after) ? after : {}
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const both = key in a && key in b
    const differs = both && !jsonEqual(a[key], b[key])
    if (key in a) a[key] = differs ? '*** (before)' : '***'
    if (key in b) b[key] = differs ? '*** (after)' : '***'
  }
}

/** An object with every value of a Secret masked, whatever else is in it. */
export function maskSecrets(object: KubeObject): KubeObject {
  if (!isSecret(object)) return object
  const copy = structuredClone(object)
  for (const field of ['data', 'stringData']) maskValues(copy[field], undefined)
  if (copy.metadata.annotations?.[lastApplied] !== undefined) copy.metadata.annotations[lastApplied] = '***'
  return copy
}
