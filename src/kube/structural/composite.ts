import type { FieldError } from '../field-error.ts'
import { invalid } from '../field-errors.ts'
import { goQuote } from '../go-format.ts'
import type { Schema } from '../schema/types.ts'
import { uncorrelated } from './correlate.ts'
import type { Checker } from './schema-checker.ts'

/** Checks anyOf, oneOf, allOf and not; returns how many checks passed. */
export type Composite = (value: unknown, path: string, errors: FieldError[]) => number

/**
 * The check of a schema's alternatives, or undefined when it has none. The server reports which junctor failed at the
 * root, without a field, and beside it the errors of the alternative that came nearest. Nothing is ratcheted below.
 */
export function compositeChecker(schema: Schema, checkerOf: (schema: Schema) => Checker): Composite | undefined {
  const { anyOf = [], oneOf = [], allOf = [], not } = schema
  if (anyOf.length === 0 && oneOf.length === 0 && allOf.length === 0 && not === undefined) return undefined
  const run = (part: Schema, value: unknown, path: string): Outcome => {
    const errors: FieldError[] = []
    return { errors, matches: checkerOf(part)(value, path, uncorrelated, errors) }
  }
  return (value, path, errors) => {
    let matches = 1
    const say = (rule: string): number => errors.push(invalid('', '', `${goQuote(path)} ${rule}`))
    if (anyOf.length > 0) {
      let nearest: Outcome | undefined
      let met: Outcome | undefined
      for (const part of anyOf) {
        const outcome = run(part, value, path)
        if (outcome.errors.length === 0) {
          met = outcome
          break
        }
        nearest = nearer(nearest, outcome)
      }
      if (met === undefined) {
        say('must validate at least one schema (anyOf)')
        errors.push(...(nearest?.errors ?? []))
      }
      matches += (met ?? nearest)?.matches ?? 0
    }
    if (oneOf.length > 0) {
      const outcomes = oneOf.map(part => run(part, value, path))
      const met = outcomes.filter(outcome => outcome.errors.length === 0)
      if (met.length === 1) matches += met[0]!.matches
      else {
        const found = met.length === 0 ? 'Found none valid' : `Found ${met.length} valid alternatives`
        say(`must validate one and only one schema (oneOf). ${found}`)
        if (met.length === 0) errors.push(...(outcomes.reduce<Outcome | undefined>(nearer, undefined)?.errors ?? []))
      }
    }
    if (allOf.length > 0) {
      const outcomes = allOf.map(part => run(part, value, path))
      const met = outcomes.filter(outcome => outcome.errors.length === 0).length
      for (const outcome of outcomes) {
        errors.push(...outcome.errors)
        matches += outcome.matches
      }
      if (met < allOf.length) say(`must validate all the schemas (allOf)${met === 0 ? '. None validated' : ''}`)
    }
    if (not !== undefined && run(not, value, path).errors.length === 0) say('must not validate the schema (not)')
    return matches
  }
}

interface Outcome {
  readonly errors: FieldError[]
  readonly matches: number
}

function nearer(best: Outcome | undefined, next: Outcome): Outcome {
  return best === undefined || next.matches > best.matches ? next : best
}
