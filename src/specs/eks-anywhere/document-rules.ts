import type { FieldError } from '../../kube/field-error.ts'
import { forbidden, invalid } from '../../kube/field-errors.ts'
import { parseApiVersion } from '../../kube/identity.ts'
import type { SpecDocument } from '../document.ts'
import { findUnknownFields } from '../unknown-fields.ts'
import { eksaKindOf, eksaKinds } from './kinds.ts'
import { eksaApiVersion, eksaGroup } from './shared.ts'

/** What is to be said about one document by itself. */
export interface DocumentFindings {
  readonly errors: FieldError[]
  readonly warnings: { readonly field: string; readonly message: string }[]
}

// Fields of early versions that today's API drops without a word.
const retired: Readonly<Record<string, string>> = {
  'spec.gitops': 'this field is no longer part of the API; write a FluxConfig and name it in spec.gitOpsRef',
}

/** Checks one document against its kind. Unknown kinds are carried along, with a warning, as EKS Anywhere ignores them. */
export function checkDocument({ object }: SpecDocument): DocumentFindings {
  const kind = eksaKindOf(object)
  const { group } = parseApiVersion(object.apiVersion)
  if (kind === undefined) return { errors: [], warnings: [{ field: 'kind', message: unknownKind(object, group) }] }
  if (object.apiVersion !== eksaApiVersion) {
    return { errors: [invalid('apiVersion', object.apiVersion, `expected ${eksaApiVersion}`)], warnings: [] }
  }
  const errors = kind.validate(object)
  const warnings = kind.warnings(object).map(message => ({ field: message.split(/[: ]/, 1)[0] ?? '', message }))
  for (const { field, value, meant } of findUnknownFields(kind.schema, object)) {
    const gone = retired[field]
    if (gone !== undefined) errors.push(forbidden(field, gone))
    else if (meant !== undefined) errors.push(invalid(field, value, `unknown field; did you mean ${meant}?`))
    else warnings.push({ field, message: `unknown field ${field}: the API server will drop or refuse it` })
  }
  return { errors, warnings }
}

function unknownKind(object: { apiVersion: string; kind: string }, group: string): string {
  if (group === eksaGroup) return `unknown kind ${object.kind} of ${group}: it is kept in the file as it is`
  const twin = eksaKinds.find(kind => kind.kind === object.kind)
  if (twin !== undefined) {
    return `${object.apiVersion} ${object.kind} is not EKS Anywhere's ${twin.kind} (${eksaApiVersion}): it is kept in the file as it is`
  }
  return `${object.apiVersion} ${object.kind} is not a kind of EKS Anywhere: it is kept in the file as it is`
}
