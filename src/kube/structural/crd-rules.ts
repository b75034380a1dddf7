import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { duplicate, invalid, notSupported, required } from '../field-errors.ts'
import type { Schema, ValidationRule } from '../schema/types.ts'
import { parseFieldPath } from './rule-field-path.ts'
import { sharedEvaluator } from './validate-rules.ts'

const reasons = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate']

/** Appends what is wrong with the CEL rules of a schema: they must compile, be about what is there, and say something. */
export function ruleErrors(schema: Schema, path: string, errors: FieldError[]): void {
  visit(schema, path, true, undefined, errors)
}

/** @param unmatched the path of the list or map above whose entries cannot be matched with those of an old object. */
function visit(schema: Schema, path: string, root: boolean, unmatched: string | undefined, errors: FieldError[]): void {
  const rules = schema['x-kubernetes-validations'] ?? []
  rules.forEach((rule, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`
    if (rules.findIndex(other => other.rule === rule.rule) < i) errors.push(duplicate(`${at}.rule`, rule.rule))
    checkRule(schema, rule, at, root, unmatched, errors)
  })
  const atomicMap = schema['x-kubernetes-map-type'] === 'atomic' ? path : undefined
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    visit(property, `${path}.properties[${name}]`, false, unmatched ?? atomicMap, errors)
  }
  if (isObject(schema.additionalProperties)) {
    visit(schema.additionalProperties as Schema, `${path}.additionalProperties`, false, unmatched ?? atomicMap, errors)
  }
  const list = schema['x-kubernetes-list-type'] === 'map' ? undefined : path
  if (isObject(schema.items)) visit(schema.items, `${path}.items`, false, unmatched ?? list, errors)
}

function checkRule(
  schema: Schema,
  rule: ValidationRule,
  at: string,
  root: boolean,
  unmatched: string | undefined,
  errors: FieldError[],
): void {
  const text = rule.rule ?? ''
  if (text.trim() === '') {
    errors.push(required(`${at}.rule`, 'rule is not specified'))
    return
  }
  checkMessage(rule, at, errors)
  if (rule.reason !== undefined && !reasons.includes(rule.reason)) {
    errors.push(notSupported(`${at}.reason`, rule.reason, reasons))
  }
  if (rule.fieldPath) checkFieldPath(schema, rule.fieldPath, at, errors)
  const scope = {
    schema,
    resourceRoot: root || schema['x-kubernetes-embedded-resource'] === true,
    optionalOldSelf: rule.optionalOldSelf ?? false,
  }
  const program = sharedEvaluator().compile(text, scope)
  if ('problem' in program) {
    errors.push(invalid(`${at}.rule`, text, program.problem))
    return
  }
  if (program.type !== 'bool' && program.type !== 'dyn') {
    errors.push(invalid(`${at}.rule`, text, 'cel expression must evaluate to a bool'))
  }
  if (program.usesOldSelf && unmatched !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${unmatched}`
    errors.push(invalid(`${at}.rule`, text, why))
  }
  if (rule.optionalOldSelf && !program.usesOldSelf) {
    const why = 'option optionalOldSelf is set to true, but the rule does not reference oldSelf'
    errors.push(invalid(`${at}.optionalOldSelf`, true, why))
  }
  if (!rule.messageExpression) return
  const message = sharedEvaluator().compile(rule.messageExpression, scope)
  if ('problem' in message) {
    errors.push(invalid(`${at}.messageExpression`, rule.messageExpression, message.problem))
  } else if (message.type !== 'string' && message.type !== 'dyn') {
    const why = 'messageExpression must evaluate to a string'
    errors.push(invalid(`${at}.messageExpression`, rule.messageExpression, why))
  }
}

function checkMessage(rule: ValidationRule, at: string, errors: FieldError[]): void {
  const { message } = rule
  if (message) {
    if (message.trim() === '') {
      errors.push(invalid(`${at}.message`, message, 'message must be non-empty if specified'))
    } else if (message.trim().includes('\n')) {
      errors.push(invalid(`${at}.message`, message, 'message must not contain line breaks'))
    } else if (message.length > 2048) {
      errors.push(invalid(`${at}.message`, `${message.slice(0, 10)}...`, 'message must have a maximum length of 2048'))
    }
  } else if (rule.rule.trim().includes('\n') && !rule.messageExpression) {
    errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'))
  }
  if (rule.messageExpression !== undefined && rule.messageExpression.trim() === '') {
    errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'))
  }
}

function checkFieldPath(schema: Schema, fieldPath: string, at: string, errors: FieldError[]): void {
  const fail = (why: string): void => {
    errors.push(invalid(`${at}.fieldPath`, fieldPath, `fieldPath must be a valid path: ${why}`))
  }
  const steps = parseFieldPath(fieldPath)
  if (steps === undefined) {
    fail(`expected [ or . but got: ${fieldPath}`)
    return
  }
  let here: Schema | undefined = schema
  for (const step of steps) {
    const properties: Schema['properties'] = here?.properties
    const additional: Schema['additionalProperties'] = here?.additionalProperties
    if (properties !== undefined) here = properties[step.name]
    else here = isObject(additional) ? (additional as Schema) : undefined
    if (here === undefined) {
      fail('does not refer to a valid field')
      return
    }
  }
}
