import { isObject } from '../../base/json.ts'
import { formatFieldError } from '../../kube/field-error-format.ts'
import type { KubeObject } from '../../kube/object.ts'
import { validateObject } from '../../kube/structural/index.ts'
import { fluxKindOf } from '../../specs/index.ts'

/** Faults that are told of one object at most. */
const mostTold = 5

/**
 * What keeps an object of Flux from being worked on: fields of a wrong type, or missing ones. Where the CRD of the cluster
 * is the real one the API server refuses such objects; an old or edited one lets them in. Rules that need more than types
 * are left to whoever works on the object, who says them in Flux's words.
 */
export function problemOf(object: KubeObject): string | undefined {
  const schema = fluxKindOf(object)?.schema.properties?.['spec']
  if (schema === undefined) return undefined
  const wrong = validateObject(schema, object['spec']).filter(
    ({ type }) => type === 'FieldValueTypeInvalid' || type === 'FieldValueRequired',
  )
  if (wrong.length === 0) return undefined
  const told = wrong
    .slice(0, mostTold)
    .map(error => formatFieldError({ ...error, field: error.field === '' ? 'spec' : `spec.${error.field}` }))
  const more = wrong.length > mostTold ? ` and ${wrong.length - mostTold} more` : ''
  return `${told.join('; ')}${more}`
}

/** Fields of a status and what they have to be. */
const lists = ['conditions', 'history', 'includedArtifacts', 'observedInclude']
const objects = ['artifact']

/** An object without those fields of its status that nobody could read: they are written anew. */
export function withSoundStatus(object: KubeObject): KubeObject {
  const { status, ...rest } = object
  if (status === undefined) return object
  if (!isObject(status)) return rest
  const wrong = Object.keys(status).filter(key => !isSound(key, status[key]))
  if (wrong.length === 0) return object
  return { ...rest, status: Object.fromEntries(Object.entries(status).filter(([key]) => !wrong.includes(key))) }
}

function isSound(key: string, value: unknown): boolean {
  if (lists.includes(key)) return Array.isArray(value) && value.every(isObject)
  if (key === 'inventory') return isObject(value) && areEntries(value['entries'])
  return objects.includes(key) ? isObject(value) && typeof value['revision'] === 'string' : value !== null
}

function areEntries(value: unknown): boolean {
  const isEntry = (one: unknown) => isObject(one) && typeof one['id'] === 'string' && typeof one['v'] === 'string'
  return value === undefined || (Array.isArray(value) && value.every(isEntry))
}
