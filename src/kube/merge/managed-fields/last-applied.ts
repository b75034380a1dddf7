import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../object.ts'
import { FieldSet } from '../fieldset/field-set.ts'
import { goJson } from '../fieldset/go-json.ts'
import { compareTyped } from '../typed/compare.ts'
import { toFieldSet } from '../typed/to-field-set.ts'
import type { Typed } from '../typed/types.ts'
import { validateTyped } from '../typed/validate.ts'

/** Where `kubectl apply` without `--server-side` keeps what it applied. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The manager of `kubectl apply --server-side`: only with this name is a client-side apply taken over. */
export const upgradingManager = 'kubectl'

/** All annotations of an object together may not be longer (apimachinery `TotalAnnotationSizeLimitB`). */
const maxAnnotationBytes = 256 * 1024

/**
 * The fields that a client-side apply wrote and that still have its values: `kubectl apply --server-side` takes them over
 * without a conflict (apimachinery `lastAppliedManager`). Empty when the annotation is absent, broken or of another version.
 */
export function clientSideFields(live: Typed, apiVersion: string): FieldSet {
  const text = annotation(live.value)
  if (text === undefined || text === '') return FieldSet.empty
  let last: unknown
  try {
    last = JSON.parse(text)
  } catch {
    return FieldSet.empty
  }
  if (!isObject(last) || last['apiVersion'] !== apiVersion || validateTyped(last, live.type).length > 0)
    return FieldSet.empty
  const { added, modified, removed } = compareTyped(last, live.value, live.type)
  return toFieldSet(last, live.type).difference(modified).difference(added).difference(removed)
}

/**
 * The object with its annotation brought up to what has just been applied, so that one can go back to client-side apply
 * (apimachinery `lastAppliedUpdater`). Unchanged when it has no such annotation.
 */
export function withLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  if (!annotation(object)) return object
  const { [lastAppliedAnnotation]: _, ...given } = applied.metadata?.annotations ?? {}
  const config = applied.metadata?.annotations
    ? { ...applied, metadata: { ...applied.metadata, annotations: given } }
    : applied
  const { [lastAppliedAnnotation]: __, ...others } = object.metadata.annotations ?? {}
  const next = { ...others, [lastAppliedAnnotation]: `${goJson(config)}\n` }
  let bytes = 0
  for (const [key, value] of Object.entries(next)) bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  const annotations = bytes > maxAnnotationBytes ? others : next
  return { ...object, metadata: { ...object.metadata, annotations } }
}

function annotation(object: unknown): string | undefined {
  const metadata = isObject(object) ? object['metadata'] : undefined
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined
  const text = isObject(annotations) ? annotations[lastAppliedAnnotation] : undefined
  return typeof text === 'string' ? text : undefined
}
