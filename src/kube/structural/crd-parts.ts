import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../field-errors.ts'
import type { Schema } from '../schema/types.ts'
import { parseFieldPath } from './rule-field-path.ts'

/** Appends what is wrong with a scale subresource: its paths must be plain and stand under spec and status. */
export function scaleErrors(scale: unknown, path: string, errors: FieldError[]): void {
  if (!isObject(scale)) return
  const check = (field: string, under: string, optional: boolean): void => {
    const value = scale[field]
    const at = `${path}.${field}`
    if (value === undefined || value === '') {
      if (!optional) errors.push(required(at))
    } else if (typeof value !== 'string' || !value.startsWith('.')) {
      errors.push(invalid(at, value, 'must be a simple json path starting with .'))
    } else if (/[[\]]/.test(value)) {
      errors.push(invalid(at, value, 'must be a json path in the dot notation'))
    } else if (!value.startsWith(`${under}.`)) {
      errors.push(invalid(at, value, `should be a json path under ${under}`))
    }
  }
  check('specReplicasPath', '.spec', false)
  check('statusReplicasPath', '.status', false)
  const selector = scale['labelSelectorPath']
  if (typeof selector === 'string' && selector !== '') {
    if (!selector.startsWith('.')) {
      errors.push(invalid(`${path}.labelSelectorPath`, selector, 'must be a simple json path starting with .'))
    } else if (!selector.startsWith('.spec.') && !selector.startsWith('.status.')) {
      const why = 'should be a json path under either .spec or .status'
      errors.push(invalid(`${path}.labelSelectorPath`, selector, why))
    }
  }
}

/** Appends what is wrong with `selectableFields`: each must be a scalar field of the schema, outside of metadata. */
export function selectableErrors(
  fields: readonly unknown[],
  schema: Schema | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (fields.length > 8)
    errors.push({ type: 'FieldValueTooMany', field: path, value: fields.length, detail: 'must have at most 8 items' })
  const seen = new Set<string>()
  fields.forEach((field, i) => {
    const at = `${path}[${i}].jsonPath`
    const jsonPath = isObject(field) && typeof field['jsonPath'] === 'string' ? field['jsonPath'] : ''
    if (jsonPath === '') {
      errors.push(required(at))
      return
    }
    const steps = parseFieldPath(jsonPath)
    if (steps === undefined || steps.some(step => step.quoted)) {
      errors.push(invalid(at, jsonPath, 'is an invalid path: array notation is not allowed'))
      return
    }
    if (steps[0]?.name === 'metadata') {
      errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'))
      return
    }
    let here: Schema | undefined = schema
    for (const step of steps) here = here?.properties?.[step.name]
    if (here === undefined) errors.push(invalid(at, jsonPath, 'is an invalid path: does not refer to a valid field'))
    else if (here.type !== 'string' && here.type !== 'boolean' && here.type !== 'integer') {
      errors.push(invalid(at, jsonPath, 'must point to a field of type string, boolean or integer'))
    }
    if (seen.has(jsonPath)) errors.push(duplicate(at, jsonPath))
    seen.add(jsonPath)
  })
}

/** Appends what is wrong with `spec.conversion`. */
export function conversionErrors(conversion: unknown, errors: FieldError[]): void {
  if (!isObject(conversion)) return
  const { strategy, webhook } = conversion
  if (!strategy) errors.push(required('spec.conversion.strategy'))
  else if (strategy !== 'None' && strategy !== 'Webhook') {
    errors.push(notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook']))
  } else if (strategy === 'Webhook') {
    if (!isObject(webhook) || !isObject(webhook['clientConfig'])) {
      errors.push(required('spec.conversion.webhookClientConfig', 'required when strategy is set to Webhook'))
    }
    const versions = isObject(webhook) ? webhook['conversionReviewVersions'] : undefined
    if (!Array.isArray(versions) || versions.length === 0) {
      errors.push(required('spec.conversion.conversionReviewVersions'))
    }
  } else if (webhook !== undefined && webhook !== null) {
    const why = 'should not be set when strategy is not set to Webhook'
    errors.push(forbidden('spec.conversion.webhookClientConfig', why))
  }
}
