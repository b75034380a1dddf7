import { isObject } from '../base/json.ts'

/** Steps of a field path in Kubernetes' notation: `a.b[0].c[x.y/z]` → `['a', 'b', 0, 'c', 'x.y/z']`. */
export function parseFieldPath(field: string): (string | number)[] {
  const steps: (string | number)[] = []
  for (const [, name, key] of field.matchAll(/\.?([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (name !== undefined) steps.push(name)
    else if (key !== undefined) steps.push(/^\d+$/.test(key) ? Number(key) : key)
  }
  return steps
}

/** The inverse of {@link parseFieldPath}. */
export function formatFieldPath(steps: readonly (string | number)[]): string {
  let out = ''
  for (const step of steps) {
    if (typeof step === 'number' || /[./]/.test(step)) out += `[${step}]`
    else out += out === '' ? step : `.${step}`
  }
  return out
}

/** A copy of a value in which some fields are absent; list items that are taken out become empty objects, to keep indexes. */
export function withoutFields<T>(value: T, fields: readonly string[]): T {
  if (fields.length === 0) return value
  const copy = structuredClone(value)
  for (const field of fields) {
    const steps = parseFieldPath(field)
    const last = steps.pop()
    let here: unknown = copy
    for (const step of steps) here = childOf(here, step)
    if (last === undefined) continue
    if (Array.isArray(here)) here[Number(last)] = {}
    else if (isObject(here)) delete here[last]
  }
  return copy
}

function childOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)]
  return isObject(value) ? value[step] : undefined
}
