import { createHash } from 'node:crypto'
import { isObject } from '../../base/json.ts'
import type { KubeObject } from '../../kube/object.ts'

/**
 * A digest of what a person can configure in an object: everything but its status and the server's own metadata.
 * Two readings of an object with equal fingerprints hold the same configuration, whatever wrote to its status between.
 */
export function fingerprint(object: KubeObject): string {
  const hash = createHash('sha1')
  const { metadata, status: _status, apiVersion: _version, ...rest } = object
  hash.update(canonical(rest))
  hash.update(canonical(metadata.labels ?? {}))
  hash.update(canonical(configuredAnnotations(metadata.annotations)))
  if (metadata.deletionTimestamp !== undefined) hash.update('deleting')
  return hash.digest('base64')
}

/** Annotations in which Kubernetes' own controllers keep their state: they change with it, and nobody configures them. */
const controllerAnnotation =
  /^(?:deployment\.kubernetes\.io\/|pv\.kubernetes\.io\/|autoscaling\.alpha\.kubernetes\.io\/|deprecated\.daemonset\.template\.generation$|control-plane\.alpha\.kubernetes\.io\/leader$|endpoints\.kubernetes\.io\/)/

function configuredAnnotations(annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  if (!Object.keys(annotations).some(key => controllerAnnotation.test(key))) return annotations
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !controllerAnnotation.test(key)))
}

/** A digest of any JSON value; the order of keys does not matter. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item) => (isObject(item) ? sorted(item) : item)) ?? 'null'
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(object)
  for (let at = 1; at < keys.length; at++) {
    if (keys[at - 1]! > keys[at]!) {
      return Object.fromEntries(keys.sort().map(key => [key, object[key]]))
    }
  }
  return object
}
