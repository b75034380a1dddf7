import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import { LRUCache } from 'lru-cache'
import { SluiceError } from '../base/errors/index.ts'
import type { Values } from './types.ts'

/** One value that a chart does not take. */
export interface ValueProblem {
  /** Keys from the top; indexes of lists as numbers. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A schema larger than this is not used: helm checks by itself. */
const maxSchemaBytes = 1024 * 1024
const compiled = new LRUCache<string, ReturnType<Ajv['compile']>>({ max: 50 })

/**
 * What a chart's schema says against values; empty where the schema cannot be used (then helm has the last word). Schemas come
 * from charts, so none is fetched from elsewhere.
 */
export function valueProblems(schema: Record<string, unknown>, values: Values): ValueProblem[] {
  const key = JSON.stringify(schema)
  if (key.length > maxSchemaBytes) return []
  let validate = compiled.get(key)
  if (!validate) {
    try {
      const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true, logger: false })
      addFormats.default(ajv)
      const { $schema: _, $id: __, ...rest } = schema
      validate = ajv.compile(rest)
    } catch {
      return []
    }
    compiled.set(key, validate)
  }
  if (validate(values)) return []
  return (validate.errors ?? []).slice(0, 100).map(problemOf)
}

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
