import { isObject } from '../../../base/json.ts'

/** The fields of an object whose types nobody has checked. */
export type Fields = Record<string, unknown>

/** The object at a key; undefined when there is none. */
export function child(object: Fields, key: string): Fields | undefined {
  const value = object[key]
  return isObject(value) ? value : undefined
}

/** The object at a key, made when it is not there. */
export function ensure(object: Fields, key: string): Fields {
  const value = object[key]
  if (isObject(value)) return value
  const made: Fields = {}
  object[key] = made
  return made
}

/** The objects of a list; none when there is no list. */
export function items(object: Fields | undefined, key: string): Fields[] {
  const value = object?.[key]
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** Sets what is absent, null or an empty text. */
export function setDefault(object: Fields, key: string, value: unknown): void {
  const seen = object[key]
  if (seen === undefined || seen === null || seen === '') object[key] = value
}

export function text(object: Fields | undefined, key: string): string {
  const value = object?.[key]
  return typeof value === 'string' ? value : ''
}

export function number(object: Fields | undefined, key: string): number | undefined {
  const value = object?.[key]
  return typeof value === 'number' ? value : undefined
}

/** The texts of a list. */
export function texts(object: Fields | undefined, key: string): string[] {
  const value = object?.[key]
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}
