import { isObject, jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { invalid, notSupported, required, tooMany, typeInvalid } from '../field-errors.ts'
import type { Schema } from '../schema/types.ts'
import { type Composite, compositeChecker } from './composite.ts'
import { oldItem, oldProperty, uncorrelated } from './correlate.ts'
import { formatCheck } from './formats.ts'
import { numberChecker } from './number.ts'
import { stringChecker } from './string.ts'
import { type TypeCheck, typeChecker } from './type.ts'

/**
 * Checks one value: appends what is wrong to `errors` and returns how many checks it passed, by which the errors of the
 * nearest alternative of anyOf and oneOf are chosen (kube-openapi's MatchCount).
 *
 * @param path the value's path: '' at the root, `spec.list[0]` below.
 * @param old the value before the update, or {@link uncorrelated}.
 */
export type Checker = (value: unknown, path: string, old: unknown, errors: FieldError[]) => number

const checkers = new WeakMap<Schema, Checker>()

/** The check of a schema, compiled at its first use and kept as long as the schema is. */
export function checkerOf(schema: Schema): Checker {
  let checker = checkers.get(schema)
  if (checker === undefined) {
    let compiled: Checker | undefined
    checker = (value, path, old, errors) => (compiled ??= compile(schema))(value, path, old, errors)
    checkers.set(schema, checker)
  }
  return checker
}

/** A child's name joined to its parent's path. */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** The order of checks is kube-openapi's: type, alternatives, string, format, number, list, enumeration, object. */
function compile(schema: Schema): Checker {
  const checkType: TypeCheck | undefined = typeChecker(schema)
  const checkAlternatives: Composite | undefined = compositeChecker(schema, checkerOf)
  const checkString = stringChecker(schema)
  const format = stringFormat(schema)
  const checkNumber = numberChecker(schema)
  const checkList = listChecker(schema)
  const checkObject = objectChecker(schema)
  const options = schema.enum === undefined || schema.enum.length === 0 ? undefined : schema.enum
  const supported = options?.map(option => (typeof option === 'string' ? option : JSON.stringify(option)))
  return (value, path, old, errors) => {
    let matches = 1
    if (checkType !== undefined) matches += 1 + checkType(value, path, errors)
    if (value !== null && value !== undefined) {
      if (checkAlternatives !== undefined) matches += checkAlternatives(value, path, errors)
      matches += 2
      if (typeof value === 'string') {
        checkString?.(value, path, errors)
        if (format !== undefined && !format.check(value)) {
          errors.push(
            typeInvalid(path, value, `${path} in body must be of type ${format.name}: ${JSON.stringify(value)}`),
          )
        }
        matches += 1
      } else if (typeof value === 'number') matches += 2 + (checkNumber?.(value, path, errors) ?? 0)
      else if (Array.isArray(value)) matches += 2 + (checkList?.(value, path, old, errors) ?? 0)
      else if (isObject(value)) matches += 2 + (checkObject?.(value, path, old, errors) ?? 0)
    }
    if (options !== undefined && !options.some(option => jsonEqual(option, value))) {
      errors.push(notSupported(path, value, supported ?? []))
    }
    return matches
  }
}

function stringFormat(schema: Schema): { name: string; check: (text: string) => boolean } | undefined {
  if (schema.format === undefined || (schema.type !== undefined && schema.type !== 'string')) return undefined
  const check = formatCheck(schema.format)
  return check === undefined ? undefined : { name: schema.format, check }
}

type ListCheck = (value: unknown[], path: string, old: unknown, errors: FieldError[]) => number

function listChecker(schema: Schema): ListCheck | undefined {
  const { items, minItems, maxItems, uniqueItems } = schema
  if (items === undefined && minItems === undefined && maxItems === undefined && !uniqueItems) return undefined
  return (value, path, old, errors) => {
    let matches = 1
    if (items !== undefined) {
      const check = checkerOf(items)
      for (let i = 0; i < value.length; i++) {
        const before = old === uncorrelated ? uncorrelated : oldItem(schema, old, value[i])
        matches += ratcheted(check, value[i], `${path}[${i}]`, before, errors)
      }
    }
    if (minItems !== undefined && value.length < minItems) {
      errors.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`))
    }
    if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems))
    if (uniqueItems && value.some((item, i) => value.slice(0, i).some(other => jsonEqual(item, other)))) {
      errors.push(invalid(path, '', `${path} in body shouldn't contain duplicates`))
    }
    return matches
  }
}

type ObjectCheck = (value: Record<string, unknown>, path: string, old: unknown, errors: FieldError[]) => number

function objectChecker(schema: Schema): ObjectCheck | undefined {
  const properties = schema.properties === undefined ? [] : Object.entries(schema.properties)
  const names = new Set(properties.map(([name]) => name))
  const { additionalProperties: additional, minProperties, maxProperties } = schema
  const needed = schema.required ?? []
  return (value, path, old, errors) => {
    if (minProperties !== undefined || maxProperties !== undefined) {
      const count = Object.keys(value).length
      if (minProperties !== undefined && count < minProperties) {
        errors.push(invalid(path, count, `${path} in body should have at least ${minProperties} properties`))
        return 0
      }
      if (maxProperties !== undefined && count > maxProperties) {
        errors.push(tooMany(path, count, maxProperties))
        return 0
      }
    }
    let matches = 1
    if (additional !== undefined && additional !== true) {
      for (const name in value) {
        if (names.has(name)) continue
        if (additional === false) {
          const detail = `${path}.${name} in body is a forbidden property`
          errors.push(invalid(childPath(path, name), '', detail))
          continue
        }
        const before = old === uncorrelated ? uncorrelated : oldProperty(schema, old, name)
        matches += ratcheted(checkerOf(additional), value[name], childPath(path, name), before, errors)
      }
    }
    for (const [name, property] of properties) {
      const child = value[name]
      if (child === undefined || !Object.hasOwn(value, name)) continue
      const before = old === uncorrelated ? uncorrelated : oldProperty(schema, old, name)
      matches += ratcheted(checkerOf(property), child, childPath(path, name), before, errors)
    }
    for (const name of needed) {
      if (value[name] === undefined || !Object.hasOwn(value, name)) errors.push(required(childPath(path, name)))
    }
    return matches
  }
}

/** Runs a check and takes its errors back when the value is the one that was there before. */
function ratcheted(check: Checker, value: unknown, path: string, old: unknown, errors: FieldError[]): number {
  const before = errors.length
  const matches = check(value, path, old, errors)
  if (errors.length > before && old !== uncorrelated && jsonEqual(value, old)) errors.length = before
  return matches
}
