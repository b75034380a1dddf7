import { isObject, jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { immutable, invalid, notSupported, required } from '../field-errors.ts'
import type { KubeObject } from '../object.ts'
import type { Schema } from '../schema/types.ts'
import { columnErrors } from './crd-columns.ts'
import { conversionErrors, scaleErrors, selectableErrors } from './crd-parts.ts'
import { schemaErrors } from './crd-schema.ts'
import { label1035Name, subdomainName } from './names.ts'

/** What of a definition is checked. */
export interface CrdOptions {
  /**
   * The definition before an update, whose schemas were accepted: schemas that did not change are not checked again.
   * Default: a create.
   */
  readonly old?: KubeObject
}

/**
 * Checks a CustomResourceDefinition (apiextensions.k8s.io/v1) after defaulting; its metadata but for the rule of the
 * name is `validateMetadata`'s business. A definition that has passed can serve objects.
 */
export function validateCrd(crd: KubeObject, options: CrdOptions = {}): FieldError[] {
  const spec = isObject(crd['spec']) ? (crd['spec'] as unknown as CrdSpec) : ({} as CrdSpec)
  const names = spec.names ?? {}
  const errors: FieldError[] = []
  const expected = `${names.plural ?? ''}.${spec.group ?? ''}`
  if (crd.metadata.name && crd.metadata.name !== expected) {
    errors.push(invalid('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group'))
  }
  groupErrors(spec, errors)
  if (!spec.scope) errors.push(required('spec.scope'))
  else if (spec.scope !== 'Cluster' && spec.scope !== 'Namespaced') {
    errors.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']))
  }
  if (spec.preserveUnknownFields) {
    const why =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    errors.push(invalid('spec.preserveUnknownFields', true, why))
  }
  versionErrors(spec.versions ?? [], errors)
  const old = isObject(options.old?.['spec']) ? (options.old['spec'] as unknown as CrdSpec) : undefined
  partErrors(spec.versions ?? [], old?.versions ?? [], errors)
  nameErrors(names, errors)
  conversionErrors(spec.conversion, errors)
  storedErrors(options.old === undefined ? undefined : crd, spec.versions ?? [], errors)
  return errors
}

/** What may not change in a definition, beside all that {@link validateCrd} checks. */
export function validateCrdUpdate(crd: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [crd['spec'], old['spec']] as unknown as [CrdSpec, CrdSpec]
  const errors = validateCrd(crd, { old })
  const fixed: [string, unknown, unknown][] = [['group', now.group, before.group]]
  fixed.push(['names.plural', now.names?.plural, before.names?.plural])
  if (isEstablished(old)) {
    fixed.unshift(['scope', now.scope, before.scope])
    fixed.push(['names.kind', now.names?.kind, before.names?.kind])
  }
  for (const [field, value, was] of fixed) {
    if (value !== was) errors.push(invalid(`spec.${field}`, value, immutable))
  }
  return errors
}

function isEstablished(crd: KubeObject): boolean {
  const status = crd['status']
  const conditions = isObject(status) && Array.isArray(status['conditions']) ? status['conditions'] : []
  return conditions.some(item => isObject(item) && item['type'] === 'Established' && item['status'] === 'True')
}

/** The part of a definition's spec that is checked. */
export interface CrdSpec {
  readonly group?: string
  readonly scope?: string
  readonly names?: CrdNames
  readonly versions?: readonly CrdVersion[]
  readonly conversion?: unknown
  readonly preserveUnknownFields?: boolean
}

interface CrdNames {
  readonly plural?: string
  readonly singular?: string
  readonly kind?: string
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

/** One version of a definition. */
export interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly schema?: { readonly openAPIV3Schema?: Schema }
  readonly subresources?: { readonly status?: unknown; readonly scale?: unknown }
  readonly additionalPrinterColumns?: readonly unknown[]
  readonly selectableFields?: readonly unknown[]
}

function groupErrors(spec: CrdSpec, errors: FieldError[]): void {
  const { group } = spec
  if (!group) {
    errors.push(required('spec.group'))
    return
  }
  const broken = subdomainName(group)
  if (broken.length > 0) errors.push(invalid('spec.group', group, broken.join(',')))
  else if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'))
}

function versionErrors(versions: readonly CrdVersion[], errors: FieldError[]): void {
  versions.forEach((version, i) => {
    const broken = label1035Name(version.name ?? '')
    if (broken.length > 0) errors.push(invalid(`spec.versions[${i}].name`, version.name ?? '', broken.join(',')))
  })
  if (new Set(versions.map(version => version.name)).size < versions.length) {
    errors.push(invalid('spec.versions', shown(versions), 'must contain unique version names'))
  }
  if (versions.filter(version => version.storage).length !== 1) {
    errors.push(invalid('spec.versions', shown(versions), 'must have exactly one version marked as storage version'))
  }
}

/** Versions as they are quoted in errors: without their schemas, which would drown the message. */
function shown(versions: readonly CrdVersion[]): unknown {
  return versions.map(({ name, served, storage }) => ({ name, served, storage }))
}

/**
 * The parts that each version has. What is equal in all versions the server keeps once for the whole definition, so that
 * their errors stand at `spec.validation.openAPIV3Schema` rather than at `spec.versions[0].schema.openAPIV3Schema`.
 */
function partErrors(versions: readonly CrdVersion[], old: readonly CrdVersion[], errors: FieldError[]): void {
  const [first] = versions
  if (first === undefined) return
  const shared = (part: keyof CrdVersion): boolean =>
    versions.every(version => jsonEqual(version[part], first[part])) && first[part] !== undefined
  const each = (
    part: keyof CrdVersion,
    top: string,
    own: string,
    check: (version: CrdVersion, at: string) => void,
  ): void => {
    if (shared(part)) check(first, top)
    else for (const [i, version] of versions.entries()) check(version, `spec.versions[${i}].${own}`)
  }
  versions.forEach((version, i) => {
    if (!isObject(version.schema?.openAPIV3Schema)) {
      errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`, 'schemas are required'))
    }
  })
  each('schema', 'spec.validation', 'schema', (version, at) => {
    const schema = version.schema?.openAPIV3Schema
    if (!isObject(schema)) return
    const before = old.find(candidate => candidate.name === version.name)?.schema
    if (before !== undefined && jsonEqual(before, version.schema)) return
    errors.push(...schemaErrors(schema, `${at}.openAPIV3Schema`))
  })
  each('subresources', 'spec.subresources', 'subresources', (version, at) => {
    scaleErrors(version.subresources?.scale, `${at}.scale`, errors)
  })
  each('additionalPrinterColumns', 'spec.additionalPrinterColumns', 'additionalPrinterColumns', (version, at) => {
    columnErrors(version.additionalPrinterColumns ?? [], at, errors)
  })
  each('selectableFields', 'spec.selectableFields', 'selectableFields', (version, at) => {
    selectableErrors(version.selectableFields ?? [], version.schema?.openAPIV3Schema, at, errors)
  })
}

function nameErrors(names: CrdNames, errors: FieldError[]): void {
  const check = (field: string, value: string | undefined, kind: boolean): void => {
    if (value === undefined || value === '') return
    const broken = label1035Name(kind ? value.toLowerCase() : value)
    if (broken.length === 0) return
    const text = broken.join(',')
    const rule = kind ? `may have mixed case, but should otherwise match: ${text}` : text
    errors.push(invalid(`spec.names.${field}`, value, rule))
  }
  if (!names.plural) errors.push(required('spec.names.plural'))
  if (!names.kind) errors.push(required('spec.names.kind'))
  check('plural', names.plural, false)
  check('singular', names.singular, false)
  check('kind', names.kind, true)
  for (const [i, name] of (names.shortNames ?? []).entries()) check(`shortNames[${i}]`, name, false)
  check('listKind', names.listKind, true)
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'))
  }
  for (const [i, name] of (names.categories ?? []).entries()) check(`categories[${i}]`, name, false)
}

/** @param crd the definition of an update; undefined on a create, where the server has put the first storage version there. */
function storedErrors(crd: KubeObject | undefined, versions: readonly CrdVersion[], errors: FieldError[]): void {
  const status = crd?.['status']
  const kept = isObject(status) && Array.isArray(status['storedVersions']) ? (status['storedVersions'] as string[]) : []
  const stored =
    kept.length > 0
      ? kept
      : versions
          .filter(version => version.storage)
          .slice(0, 1)
          .map(v => v.name)
  const field = 'status.storedVersions'
  if (stored.length === 0) {
    errors.push(invalid(field, [], 'must have at least one stored version'))
    return
  }
  for (const version of versions) {
    if (version.storage && !stored.includes(version.name)) {
      errors.push(invalid(field, shown([version]), `must have the storage version ${version.name}`))
    }
  }
  stored.forEach((name, i) => {
    if (versions.some(version => version.name === name)) return
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    errors.push(invalid(`${field}[${i}]`, name, why))
  })
}
