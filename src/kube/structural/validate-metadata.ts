import { isObject, jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { forbidden, immutable, invalid, required, tooLong } from '../field-errors.ts'
import { GoStruct, goQuote } from '../go-format.ts'
import { parseApiVersion } from '../identity.ts'
import type { ObjectMeta, OwnerReference } from '../object.ts'
import { generateNameRule, labelName, labelValue, type NameRule, qualifiedName, subdomainName } from './names.ts'

/** Which rules hold for an object's metadata. */
export interface MetadataOptions {
  /** Whether the kind lives in namespaces. */
  readonly namespaced: boolean
  /** The rule for names. Default: a DNS-1123 subdomain. */
  readonly name?: NameRule
}

/** The most that all annotations of an object may hold together, in bytes. */
export const annotationsLimit = 256 * 1024

/**
 * Checks ObjectMeta on a create, when the name has been generated and the namespace filled in.
 * Contract: apimachinery `ValidateObjectMetaAccessor`.
 */
export function validateMetadata(metadata: ObjectMeta, options: MetadataOptions): FieldError[] {
  const rule = options.name ?? subdomainName
  const errors: FieldError[] = []
  const { name, namespace, generateName } = metadata
  if (generateName) {
    for (const text of generateNameRule(rule)(generateName)) {
      errors.push(invalid('metadata.generateName', generateName, text))
    }
  }
  if (!name) errors.push(required('metadata.name', 'name or generateName is required'))
  else for (const text of rule(name)) errors.push(invalid('metadata.name', name, text))
  if (options.namespaced) {
    if (!namespace) errors.push(required('metadata.namespace'))
    else for (const text of labelName(namespace)) errors.push(invalid('metadata.namespace', namespace, text))
  } else if (namespace) errors.push(forbidden('metadata.namespace', 'not allowed on this type'))
  if ((metadata.generation ?? 0) < 0) {
    errors.push(invalid('metadata.generation', metadata.generation, 'must be greater than or equal to 0'))
  }
  errors.push(...commonErrors(metadata, 'metadata'))
  return errors
}

/** Metadata of an object before an update and after it: what may not change, and what is checked again. */
export function validateMetadataUpdate(metadata: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter(finalizer => !(old.finalizers ?? []).includes(finalizer)).sort()
    if (added.length > 0) {
      const list = `[]string{${added.map(goQuote).join(', ')}}`
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
      errors.push(forbidden('metadata.finalizers', why))
    }
  }
  for (const field of fixed) {
    if (!jsonEqual(metadata[field], old[field])) errors.push(invalid(`metadata.${field}`, metadata[field], immutable))
  }
  errors.push(...commonErrors(metadata, 'metadata'))
  return errors
}

const fixed = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds']

/** Metadata of a resource inside another one: labels, annotations, finalizers and owners are checked, names are not required. */
export function validateEmbeddedMetadata(metadata: Record<string, unknown>, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { name, generateName, namespace } = metadata
  if (typeof generateName === 'string' && generateName !== '') {
    for (const text of generateNameRule(subdomainName)(generateName)) {
      errors.push(invalid(`${path}.generateName`, generateName, text))
    }
  }
  if (typeof name === 'string' && name !== '') {
    for (const text of subdomainName(name)) errors.push(invalid(`${path}.name`, name, text))
  }
  if (typeof namespace === 'string' && namespace !== '') {
    for (const text of labelName(namespace)) errors.push(invalid(`${path}.namespace`, namespace, text))
  }
  errors.push(...commonErrors(metadata as ObjectMeta, path))
  return errors
}

function commonErrors(metadata: ObjectMeta, path: string): FieldError[] {
  return [
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...validateAnnotations(metadata.annotations, `${path}.annotations`),
    ...ownerErrors(metadata.ownerReferences, `${path}.ownerReferences`),
    ...finalizerErrors(metadata.finalizers, `${path}.finalizers`),
  ]
}

/** Checks the keys and values of labels (also of selectors). */
export function validateLabels(labels: unknown, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!isObject(labels)) return errors
  for (const key of Object.keys(labels).sort()) {
    for (const text of qualifiedName(key)) errors.push(invalid(path, key, text))
    const value = labels[key]
    if (typeof value === 'string') for (const text of labelValue(value)) errors.push(invalid(path, value, text))
  }
  return errors
}

/** Checks the keys of annotations, whatever their case, and the size of all. */
export function validateAnnotations(annotations: unknown, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!isObject(annotations)) return errors
  let size = 0
  for (const [key, value] of Object.entries(annotations)) {
    for (const text of qualifiedName(key.toLowerCase())) errors.push(invalid(path, key, text))
    size += Buffer.byteLength(key) + (typeof value === 'string' ? Buffer.byteLength(value) : 0)
  }
  if (size > annotationsLimit) errors.push(tooLong(path, annotationsLimit))
  return errors
}

function finalizerErrors(finalizers: readonly string[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const finalizer of finalizers ?? []) {
    for (const text of qualifiedName(finalizer)) errors.push(invalid(path, finalizer, text))
  }
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

function ownerErrors(owners: readonly OwnerReference[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  let controller = ''
  for (const owner of owners ?? []) {
    const { group, version } = parseApiVersion(owner.apiVersion ?? '')
    if (version === '') errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    for (const field of ['kind', 'name', 'uid'] as const) {
      if (!owner[field]) errors.push(invalid(`${path}.${field}`, owner[field] ?? '', 'must not be empty'))
    }
    if (group === '' && version === 'v1' && owner.kind === 'Event') {
      errors.push(invalid(path, orderedOwner(owner), '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (owner.controller) {
      const name = `${owner.kind}/${owner.name}`
      if (controller !== '') {
        const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`
        errors.push(invalid(path, owners?.map(orderedOwner), why))
      } else controller = name
    }
  }
  return errors
}

/** Typed values are shown with their fields in the order of the Go struct. */
function orderedOwner(owner: OwnerReference): GoStruct {
  return new GoStruct({
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.name,
    uid: owner.uid,
    controller: owner.controller,
    blockOwnerDeletion: owner.blockOwnerDeletion,
  })
}
