import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import { LRUCache } from 'lru-cache'
import { runBounded } from '../base/bounded-run.ts'
import { SluiceError } from '../base/errors/index.ts'
import { compileGoRegExp } from '../kube/structural/go-regexp.ts'
import type { Values } from './types.ts'

/** One value that a chart does not take. */
export interface ValueProblem {
  /** Keys from the top; indexes of lists as numbers. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A schema larger than this is not used: helm checks by itself. */
const maxSchemaBytes = 1024 * 1024
/** A schema decides how long it takes, and everybody waits meanwhile: in milliseconds. */
const longestMs = 1000

type Validate = ReturnType<Ajv['compile']>
/** Stands for a schema that is not used. */
const unusable = (() => true) as unknown as Validate
const compiled = new LRUCache<string, Validate>({ max: 50 })

/**
 * What a chart's schema says against values; empty where the schema cannot be used (then helm has the last word). Schemas come
 * from charts, so none is fetched from elsewhere.
 */
export function valueProblems(schema: Record<string, unknown>, values: Values): ValueProblem[] {
  const key = JSON.stringify(schema)
  if (key.length > maxSchemaBytes) return []
  let validate = compiled.get(key)
  if (validate === undefined) {
    validate = compiledSchema(schema) ?? unusable
    compiled.set(key, validate)
  }
  if (validate === unusable) return []
  const check = validate
  const done = runBounded(() => check(values) || (check.errors ?? []).slice(0, 100).map(problemOf), longestMs)
  if (done !== 'late') return done.value === true ? [] : (done.value as ValueProblem[])
  // It would hold everybody up each time that somebody types.
  compiled.set(key, unusable)
  return []
}

function compiledSchema(schema: Record<string, unknown>): Validate | undefined {
  const { $schema: _, $id: __, ...rest } = schema
  try {
    const done = runBounded(() => {
      const ajv = new Ajv({
        strict: false,
        allErrors: true,
        validateFormats: true,
        logger: false,
        code: { regExp: goRegExp },
      })
      addFormats.default(ajv)
      return ajv.compile(rest)
    }, longestMs)
    return done === 'late' ? undefined : done.value
  } catch {
    return undefined
  }
}

/** Patterns as helm reads them: Go's, which never take long. A pattern that Go does not know makes the schema unusable. */
function goRegExp(pattern: string): { test(text: string): boolean; toString(): string } {
  const found = compileGoRegExp(pattern)
  if (typeof found === 'string') throw new Error(found)
  // Ajv tells patterns apart by their text.
  return { test: text => found.test(text), toString: () => pattern }
}
// Ajv wants a name for validators that are written out as modules, which none of ours is.
goRegExp.code = 'goRegExp'

/** @throws E_APP_VALUES with `details.fields` */
export function checkValues(what: string, schema: Record<string, unknown>, values: Values): void {
  const fields = valueProblems(schema, values)
  if (fields.length === 0) return
  const [first] = fields
  throw new SluiceError('E_APP_VALUES', {
    object: what,
    seen: `${first!.path.join('.') || 'the values'}: ${first!.message}${fields.length > 1 ? ` (and ${fields.length - 1} more)` : ''}`,
    details: { fields },
  })
}

function problemOf(error: ErrorObject): ValueProblem {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
  const params = error.params as Record<string, unknown>
  if (error.keyword === 'additionalProperties')
    return { path: [...path, String(params['additionalProperty'])], message: 'is not a value of this chart' }
  if (error.keyword === 'required') return { path: [...path, String(params['missingProperty'])], message: 'is needed' }
  if (error.keyword === 'enum')
    return { path, message: `must be one of ${(params['allowedValues'] as unknown[]).map(String).join(', ')}` }
  return { path, message: error.message ?? 'is not allowed' }
}
