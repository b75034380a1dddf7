import { isObject } from '../../base/json.ts'
import { goJson } from '../go-format.ts'
import type { Schema } from '../schema/types.ts'
import { childPath } from './schema-checker.ts'
import { jsonType } from './type.ts'

/** The Go types of ObjectMeta's fields. */
const strings = ['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion']
const stringMaps = ['labels', 'annotations']
const integers = ['generation', 'deletionGracePeriodSeconds']
const times = ['creationTimestamp', 'deletionTimestamp']

/**
 * Why metadata cannot be read as ObjectMeta, in the words of Go's JSON decoder, or undefined when it can:
 * `json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string`. The server answers 400 then.
 */
export function metadataDecodeError(metadata: unknown): string | undefined {
  if (metadata === null || metadata === undefined) return undefined
  if (!isObject(metadata))
    return complaint(metadata, '', 'v1.ObjectMeta').replace('struct field ObjectMeta. of', 'value of')
  for (const field of strings) {
    const seen = metadata[field]
    if (seen !== undefined && seen !== null && typeof seen !== 'string') return complaint(seen, field, 'string')
  }
  for (const field of stringMaps) {
    const seen = metadata[field]
    if (seen === undefined || seen === null) continue
    if (!isObject(seen)) return complaint(seen, field, 'map[string]string')
    for (const value of Object.values(seen)) {
      if (value !== null && typeof value !== 'string') return complaint(value, field, 'string')
    }
  }
  for (const field of integers) {
    const seen = metadata[field]
    if (seen === undefined || seen === null || Number.isInteger(seen)) continue
    return complaint(seen, field, 'int64', typeof seen === 'number')
  }
  for (const field of times) {
    const seen = metadata[field]
    if (seen === undefined || seen === null) continue
    if (typeof seen !== 'string') return `json: cannot unmarshal ${goWord(seen)} into Go value of type string`
    if (Number.isNaN(Date.parse(seen))) {
      return `parsing time ${JSON.stringify(seen)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(seen)} as "2006"`
    }
  }
  return listError(metadata)
}

function listError(metadata: Record<string, unknown>): string | undefined {
  const { finalizers, ownerReferences } = metadata
  if (finalizers !== undefined && finalizers !== null) {
    if (!Array.isArray(finalizers)) return complaint(finalizers, 'finalizers', '[]string')
    const wrong = finalizers.find(item => typeof item !== 'string')
    if (wrong !== undefined) return complaint(wrong, 'finalizers', 'string')
  }
  if (ownerReferences !== undefined && ownerReferences !== null) {
    if (!Array.isArray(ownerReferences)) return complaint(ownerReferences, 'ownerReferences', '[]v1.OwnerReference')
    const wrong = ownerReferences.find(item => !isObject(item))
    if (wrong !== undefined) return complaint(wrong, 'ownerReferences', 'v1.OwnerReference')
  }
  return undefined
}

/**
 * Why a custom resource cannot be read at all, or undefined when it can: its own metadata, or that of a resource
 * embedded in it (`spec.tpl.metadata: Invalid value: {…}: json: cannot unmarshal …`).
 */
export function decodeError(schema: Schema | undefined, object: Record<string, unknown>): string | undefined {
  const own = metadataDecodeError(object['metadata'])
  if (own !== undefined) return own
  return schema === undefined ? undefined : embeddedError(schema, object, '')
}

function embeddedError(schema: Schema, value: unknown, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined) return undefined
    for (let i = 0; i < value.length; i++) {
      const error = embeddedError(items, value[i], `${path}[${i}]`)
      if (error !== undefined) return error
    }
    return undefined
  }
  const object = value as Record<string, unknown>
  if (schema['x-kubernetes-embedded-resource'] && object['metadata'] !== undefined) {
    const error = metadataDecodeError(object['metadata'])
    if (error !== undefined) {
      return `${childPath(path, 'metadata')}: Invalid value: ${goJson(object['metadata'])}: ${error}`
    }
  }
  const additional = isObject(schema.additionalProperties) ? (schema.additionalProperties as Schema) : undefined
  for (const name in object) {
    const below = schema.properties?.[name] ?? additional
    const error = below === undefined ? undefined : embeddedError(below, object[name], childPath(path, name))
    if (error !== undefined) return error
  }
  return undefined
}

function complaint(value: unknown, field: string, type: string, withNumber = false): string {
  const number = withNumber ? ` ${String(value)}` : ''
  return `json: cannot unmarshal ${goWord(value)}${number} into Go struct field ObjectMeta.${field} of type ${type}`
}

/** What Go's decoder calls a JSON value. */
function goWord(value: unknown): string {
  const type = jsonType(value)
  return type === 'boolean' ? 'bool' : type === 'integer' ? 'number' : type
}
