import { isObject } from '../../base/json.ts'
import type { JsonPath, JsonPathStep, Operand } from './parse.ts'

/** The values that a path finds in an object, in order; none when something on the way is absent. */
export function findJsonPath(path: JsonPath, root: unknown): unknown[] {
  let found: unknown[] = [root]
  for (const step of path) {
    const next: unknown[] = []
    for (const value of found) apply(step, value, next)
    found = next
    if (found.length === 0) break
  }
  return found
}

function apply(step: JsonPathStep, value: unknown, out: unknown[]): void {
  switch (step.kind) {
    case 'field':
      pushField(value, step.name, out)
      return
    case 'names':
      for (const name of step.names) pushField(value, name, out)
      return
    case 'wildcard':
      if (Array.isArray(value)) out.push(...value)
      else if (isObject(value)) out.push(...Object.values(value))
      return
    case 'recursive':
      descend(value, out)
      return
    case 'slice':
      if (Array.isArray(value)) out.push(...slice(value, step))
      return
    case 'filter':
      if (Array.isArray(value)) out.push(...value.filter(item => matches(step, item)))
  }
}

function pushField(value: unknown, name: string, out: unknown[]): void {
  if (isObject(value) && Object.hasOwn(value, name) && value[name] !== undefined) out.push(value[name])
}

function descend(value: unknown, out: unknown[]): void {
  if (typeof value !== 'object' || value === null) return
  out.push(value)
  for (const child of Object.values(value)) descend(child, out)
}

function slice(
  list: readonly unknown[],
  step: { from?: number; to?: number; by?: number; single: boolean },
): unknown[] {
  const at = (index: number): number => (index < 0 ? list.length + index : index)
  const from = at(step.from ?? 0)
  if (step.single) return from >= 0 && from < list.length ? [list[from]] : []
  const picked = list.slice(Math.max(from, 0), at(step.to ?? list.length))
  const by = step.by ?? 1
  return by > 1 ? picked.filter((_, i) => i % by === 0) : picked
}

function matches(step: JsonPathStep & { kind: 'filter' }, item: unknown): boolean {
  const left = operand(step.left, item)
  if (step.operator === 'exists') return left !== undefined
  const right = step.right === undefined ? undefined : operand(step.right, item)
  if (left === undefined || right === undefined) return false
  switch (step.operator) {
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return (left as number) < (right as number)
    case '<=':
      return (left as number) <= (right as number)
    case '>':
      return (left as number) > (right as number)
    default:
      return (left as number) >= (right as number)
  }
}

function operand(side: Operand, item: unknown): unknown {
  return 'path' in side ? findJsonPath(side.path, item)[0] : side.value
}
