import { createHash } from 'node:crypto'
import type { KubeObject } from '../../kube/object.ts'

/**
 * A digest of what a person can configure in an object: everything but its status and the server's own metadata.
 * Two readings of an object with equal fingerprints hold the same configuration, whatever wrote to its status between.
 */
export function fingerprint(object: KubeObject): string {
  const hash = createHash('sha1')
  const { metadata, status: _status, apiVersion: _version, ...rest } = object
  const labels = canonical(metadata.labels ?? {})
  const annotations = canonical(configuredAnnotations(metadata.annotations))
  const deleting = metadata.deletionTimestamp === undefined ? '' : 'deleting'
  hash.update(canonical(rest) + labels + annotations + deleting)
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

/** JSON with sorted keys. Written out here: JSON.stringify with a replacer calls back for every value and takes twice as long. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = value as Record<string, unknown>
  const keys = Object.keys(fields)
  for (let at = 1; at < keys.length; at++) {
    if (keys[at - 1]! > keys[at]!) {
      keys.sort()
      break
    }
  }
  let text = '{'
  for (const key of keys) {
    const field = fields[key]
    if (field === undefined) continue
    text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${canonical(field)}`
  }
  return `${text}}`
}
