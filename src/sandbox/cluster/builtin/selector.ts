import { isObject } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { forbidden, invalid, notSupported, required } from '../../../kube/field-errors.ts'
import { labelValue, qualifiedName } from '../../../kube/structural/names.ts'
import { validateLabels } from '../../../kube/structural/validate-metadata.ts'
import { child, type Fields, items, text, texts } from './fields.ts'

/** The rules of a label selector (metav1 `ValidateLabelSelector`). */
export function selectorErrors(selector: Fields | undefined, path: string): FieldError[] {
  if (selector === undefined) return []
  const errors = validateLabels(selector['matchLabels'], `${path}.matchLabels`)
  items(selector, 'matchExpressions').forEach((expression, i) => {
    const at = `${path}.matchExpressions[${i}]`
    const operator = text(expression, 'operator')
    const values = texts(expression, 'values')
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      }
    } else errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'))
    for (const rule of qualifiedName(text(expression, 'key')))
      errors.push(invalid(`${at}.key`, text(expression, 'key'), rule))
    values.forEach((value, j) => {
      for (const rule of labelValue(value)) errors.push(invalid(`${at}.values[${j}]`, value, rule))
    })
  })
  return errors
}

/** Whether labels are selected; a selector that selects nothing in particular selects all. */
export function selects(selector: Fields, labels: unknown): boolean {
  const own = isObject(labels) ? labels : {}
  for (const [key, value] of Object.entries(child(selector, 'matchLabels') ?? {})) if (own[key] !== value) return false
  return items(selector, 'matchExpressions').every(expression => {
    const value = own[text(expression, 'key')]
    const listed = typeof value === 'string' && texts(expression, 'values').includes(value)
    switch (text(expression, 'operator')) {
      case 'In':
        return listed
      case 'NotIn':
        return !listed
      case 'Exists':
        return value !== undefined
      default:
        return value === undefined
    }
  })
}

/** Whether a selector has no requirements. */
export function isEmptySelector(selector: Fields): boolean {
  return (
    Object.keys(child(selector, 'matchLabels') ?? {}).length === 0 && items(selector, 'matchExpressions').length === 0
  )
}

/** The selector and the template of a workload: the selector is required, not empty, and selects the template's labels. */
export function workloadTemplateErrors(spec: Fields, emptyText: string): FieldError[] {
  const errors: FieldError[] = []
  const selector = child(spec, 'selector')
  const labels = child(child(child(spec, 'template') ?? {}, 'metadata') ?? {}, 'labels')
  if (selector === undefined) errors.push(required('spec.selector'))
  else {
    errors.push(...selectorErrors(selector, 'spec.selector'))
    if (isEmptySelector(selector)) errors.push(invalid('spec.selector', selector, emptyText))
  }
  if (selector === undefined || !selects(selector, labels)) {
    const rule = '`selector` does not match template `labels`'
    errors.push(invalid('spec.template.metadata.labels', labels ?? null, rule))
  }
  return errors
}

/** A restart policy that a template may have. */
export function restartPolicyErrors(template: Fields | undefined, path: string): FieldError[] {
  const policy = text(child(template ?? {}, 'spec'), 'restartPolicy')
  return policy === '' || policy === 'Always' ? [] : [notSupported(`${path}.spec.restartPolicy`, policy, ['Always'])]
}
