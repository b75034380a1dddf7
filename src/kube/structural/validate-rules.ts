import { isObject, jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { duplicate, forbidden, invalid, required } from '../field-errors.ts'
import type { Schema, ValidationRule } from '../schema/types.ts'
import { type CelEvaluator, type CelProgram, createCelEvaluator } from './cel-evaluator.ts'
import { oldItem, oldProperty, uncorrelated } from './correlate.ts'
import { fieldPathOf } from './rule-field-path.ts'
import { childPath } from './schema-checker.ts'

/** How rules are evaluated. */
export interface RuleOptions {
  /** The expression language. Default: CEL with Kubernetes' libraries, shared by the process. */
  readonly evaluator?: CelEvaluator
  /** Called for each error that is forgiven because the update leaves the value as it was; the API server sends a warning then. */
  readonly onForgiven?: (error: FieldError) => void
}

let shared: CelEvaluator | undefined

/** The evaluator that is used when none is given. */
export function sharedEvaluator(): CelEvaluator {
  shared ??= createCelEvaluator()
  return shared
}

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'

/** The most bytes of a message made by `messageExpression`; longer ones give way to the rule's fixed message. */
const longestMessage = 5 * 1024

/**
 * Evaluates the CEL rules of a schema (`x-kubernetes-validations`) on an object, with the API server's wording.
 * Rules that read `oldSelf` run only where the old value can be found, or always with `optionalOldSelf`; a broken rule
 * that does not read it is forgiven where an update leaves the value as it was (ratcheting).
 *
 * @param old the object before an update; undefined on a create.
 */
export function validateRules(schema: Schema, object: unknown, old?: unknown, options: RuleOptions = {}): FieldError[] {
  if (!hasRules(schema)) return []
  const run: Run = {
    evaluator: options.evaluator ?? sharedEvaluator(),
    onForgiven: options.onForgiven,
    errors: [],
    spent: false,
  }
  visit(schema, object, old === undefined ? uncorrelated : old, '', true, old !== undefined, false, run)
  return run.errors
}

interface Run {
  readonly evaluator: CelEvaluator
  readonly onForgiven: RuleOptions['onForgiven']
  readonly errors: FieldError[]
  spent: boolean
}

/** @param unchanged whether the nearest value that can be compared with the old object is equal to it. */
function visit(
  schema: Schema,
  value: unknown,
  old: unknown,
  path: string,
  root: boolean,
  update: boolean,
  unchanged: boolean,
  run: Run,
): void {
  if (value === null || value === undefined || run.spent || !hasRules(schema)) return
  // Apart from the root (whose metadata always differs) equality is worth its cost only when a rule fails.
  const same = (): boolean => (old === uncorrelated ? unchanged : update && jsonEqual(value, old))
  const embedded = root || schema['x-kubernetes-embedded-resource'] === true
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    evaluate(schema, rule, value, old, path, embedded, same, run)
    if (run.spent) return
  }
  for (const part of schema.allOf ?? []) visit(part, value, old, path, root, update, unchanged, run)
  const below = old === uncorrelated ? unchanged : false
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined || !hasRules(items)) return
    value.forEach((item, i) => {
      const before = oldItem(schema, old, item)
      const kept = before === uncorrelated && (below || (update && same()))
      visit(items, item, before, `${path}[${i}]`, false, update, kept, run)
    })
    return
  }
  if (!isObject(value)) return
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!hasRules(property) || !Object.hasOwn(value, name)) continue
    const before = oldProperty(schema, old, name)
    const kept = before === uncorrelated && (below || (update && same()))
    visit(property, value[name], before, childPath(path, name), false, update, kept, run)
  }
  const additional = isObject(schema.additionalProperties) ? (schema.additionalProperties as Schema) : undefined
  if (additional === undefined || !hasRules(additional)) return
  for (const name of Object.keys(value)) {
    if (schema.properties !== undefined && Object.hasOwn(schema.properties, name)) continue
    const before = oldProperty(schema, old, name)
    const kept = before === uncorrelated && (below || (update && same()))
    visit(additional, value[name], before, `${path}[${name}]`, false, update, kept, run)
  }
}

function evaluate(
  schema: Schema,
  rule: ValidationRule,
  value: unknown,
  old: unknown,
  path: string,
  resourceRoot: boolean,
  unchanged: () => boolean,
  run: Run,
): void {
  // Objects and lists are not quoted in errors.
  const shown = typeof value === 'object' ? undefined : value
  const before = old === uncorrelated || old === null ? undefined : old
  const scope = { schema, resourceRoot, optionalOldSelf: rule.optionalOldSelf ?? false }
  const program = compiled(run.evaluator, schema, rule.rule, scope)
  if ('problem' in program) {
    run.errors.push(invalid(path, shown, `rule compile error: ${program.problem}`))
    return
  }
  if (program.usesOldSelf && before === undefined && !rule.optionalOldSelf) return
  const outcome = program.evaluate(value, before)
  if ('tooExpensive' in outcome) {
    run.errors.push(invalid(path, shown, outOfBudget))
    run.spent = true
    return
  }
  if ('error' in outcome) {
    const name = (rule.message || rule.rule).trim()
    const detail = outcome.error.startsWith('no such overload')
      ? `'${outcome.error}': call arguments did not match a supported operator, function or macro signature for rule: ${name}`
      : `${outcome.error} evaluating rule: ${name}`
    run.errors.push(invalid(path, shown, detail))
    return
  }
  if (outcome.value === true) return
  const forgiven = !program.usesOldSelf && unchanged()
  if (forgiven && run.onForgiven === undefined) return
  const at = path + fieldPathOf(rule.fieldPath ?? '', path === '')
  const error = errorFor(rule, at, shown, messageOf(schema, rule, value, before, scope, run.evaluator))
  if (forgiven) run.onForgiven?.(error)
  else run.errors.push(error)
}

function messageOf(
  schema: Schema,
  rule: ValidationRule,
  value: unknown,
  old: unknown,
  scope: { schema: Schema; resourceRoot: boolean; optionalOldSelf: boolean },
  evaluator: CelEvaluator,
): string {
  if (rule.messageExpression) {
    const program = compiled(evaluator, schema, rule.messageExpression, scope)
    const outcome = 'problem' in program ? undefined : program.evaluate(value, old)
    const text = outcome !== undefined && 'value' in outcome ? outcome.value : undefined
    const trimmed = typeof text === 'string' ? text.trim() : ''
    if (trimmed !== '' && !trimmed.includes('\n') && Buffer.byteLength(trimmed) <= longestMessage) return trimmed
  }
  return rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`
}

function errorFor(rule: ValidationRule, path: string, value: unknown, detail: string): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail)
    case 'FieldValueRequired':
      return required(path, detail)
    case 'FieldValueDuplicate':
      return duplicate(path, value)
    default:
      return invalid(path, value, detail)
  }
}

type Programs = Map<string, ReturnType<CelEvaluator['compile']>>
const programs = new WeakMap<CelEvaluator, WeakMap<Schema, Programs>>()

function compiled(
  evaluator: CelEvaluator,
  schema: Schema,
  expression: string,
  scope: { schema: Schema; resourceRoot: boolean; optionalOldSelf: boolean },
): CelProgram | { readonly problem: string } {
  let bySchema = programs.get(evaluator)
  if (bySchema === undefined) programs.set(evaluator, (bySchema = new WeakMap()))
  let byText = bySchema.get(schema)
  if (byText === undefined) bySchema.set(schema, (byText = new Map()))
  const key = `${scope.resourceRoot}/${scope.optionalOldSelf}/${expression}`
  let program = byText.get(key)
  if (program === undefined) byText.set(key, (program = evaluator.compile(expression, scope)))
  return program
}

const concerns = new WeakMap<Schema, boolean>()

/** Whether a schema has CEL rules anywhere that a value can reach. */
export function hasRules(schema: Schema, above: Set<Schema> = new Set()): boolean {
  const known = concerns.get(schema)
  if (known !== undefined) return known
  if (above.has(schema)) return false
  above.add(schema)
  const { items, properties, additionalProperties, allOf } = schema
  let found = (schema['x-kubernetes-validations']?.length ?? 0) > 0
  if (!found && items !== undefined) found = hasRules(items, above)
  if (!found && isObject(additionalProperties)) found = hasRules(additionalProperties as Schema, above)
  if (!found && properties !== undefined) found = Object.values(properties).some(part => hasRules(part, above))
  if (!found && allOf !== undefined) found = allOf.some(part => hasRules(part, above))
  above.delete(schema)
  if (found || above.size === 0) concerns.set(schema, found)
  return found
}
