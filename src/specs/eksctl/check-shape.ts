import { isObject } from '../../base/json.ts'
import type { FieldError } from '../../kube/field-error.ts'
import { invalid, required, typeInvalid } from '../../kube/field-errors.ts'
import { formatFieldPath } from '../field-path.ts'
import { nearestName } from '../unknown-fields.ts'
import { eksctlShapes, type ShapeType } from './shapes.ts'

type Path = readonly (string | number)[]

const words: Readonly<Record<string, string>> = { s: 'string', i: 'integer', n: 'number', b: 'boolean' }

/** Everything in a ClusterConfig that eksctl's strict decoder refuses: unknown fields, wrong types, missing fields. */
export function checkClusterConfigShape(object: unknown): FieldError[] {
  const errors: FieldError[] = []
  checkValue(object, 'ClusterConfig', [], errors)
  return errors
}

function checkValue(value: unknown, type: ShapeType, path: Path, errors: FieldError[]): void {
  // Go's decoder leaves a field alone that is null.
  if (type === 'any' || value === null || value === undefined) return
  const wrong = (wanted: string): void => {
    errors.push(typeInvalid(formatFieldPath(path), value, `must be of type ${wanted}${quoteHint(wanted, value)}`))
  }
  if (type === 'taints') return Array.isArray(value) ? checkValue(value, 'NodeGroupTaint[]', path, errors) : undefined
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return wrong('array')
    for (const [i, item] of value.entries()) checkValue(item, type.slice(0, -2), [...path, i], errors)
    return
  }
  if (type.startsWith('{')) {
    if (!isObject(value)) return wrong('object')
    for (const [key, item] of Object.entries(value)) checkValue(item, type.slice(1, -1), [...path, key], errors)
    return
  }
  const word = words[type]
  if (word === undefined) return isObject(value) ? checkFields(value, type, path, errors) : wrong('object')
  const fits =
    type === 's'
      ? typeof value === 'string'
      : type === 'b'
        ? typeof value === 'boolean'
        : typeof value === 'number' && (type === 'n' || Number.isSafeInteger(value))
  if (!fits) wrong(word)
}

function checkFields(value: Record<string, unknown>, type: string, path: Path, errors: FieldError[]): void {
  const shape = eksctlShapes().get(type)
  if (shape === undefined) return
  for (const [key, item] of Object.entries(value)) {
    const field = shape.get(key)
    if (field !== undefined) {
      checkValue(item, field.type, [...path, key], errors)
      continue
    }
    const meant = nearestName(
      key,
      [...shape.keys()].filter(known => !(known in value)),
    )
    const hint = meant === undefined ? '' : `; did you mean ${formatFieldPath([...path, meant])}?`
    errors.push(invalid(formatFieldPath([...path, key]), item, `unknown field, which eksctl refuses${hint}`))
  }
  for (const [key, field] of shape) {
    if (field.required && (value[key] === undefined || value[key] === null)) {
      errors.push(required(formatFieldPath([...path, key])))
    }
  }
}

/** YAML makes a number or a boolean of a word without quotes; eksctl reads it into a text and fails. */
function quoteHint(wanted: string, value: unknown): string {
  return wanted === 'string' && (typeof value === 'boolean' || typeof value === 'number')
    ? `: put it in quotes, "${String(value)}"`
    : ''
}
