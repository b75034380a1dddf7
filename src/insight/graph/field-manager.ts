import { isObject, jsonEqual } from '../../base/json.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Touch } from './types.ts'

/** `spec.containers[0].image`, `data["a.b"]`: a path of a FieldChange, as steps. */
export function pathSteps(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  for (const [, dotted, index, quoted] of path.matchAll(
    /(?:^|\.)([A-Za-z_][\w-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g,
  )) {
    if (dotted !== undefined) steps.push(dotted)
    else if (index !== undefined) steps.push(Number(index))
    else if (quoted !== undefined) steps.push(JSON.parse(quoted) as string)
  }
  return steps
}

/** Who set a field of a live object, and when, by its managedFields: the one who wrote last, of those who own it. */
export function managerOf(live: KubeObject, path: string): (Touch & { readonly operation: string }) | undefined {
  const steps = pathSteps(path)
  let best: (Touch & { readonly operation: string }) | undefined
  for (const { manager = '', time = '', operation = '', fieldsV1, subresource } of live.metadata.managedFields ?? []) {
    if (subresource === 'status' || !owns(fieldsV1, live, steps)) continue
    if (best === undefined || time > best.at) best = { manager: manager.slice(0, 128), at: time, operation }
  }
  return best
}

/** Whether a set holds a path, something below it, or the whole of what the path is in. */
function owns(fields: unknown, value: unknown, steps: readonly (string | number)[]): boolean {
  if (!isObject(fields)) return false
  const [step, ...rest] = steps
  // Owned as a whole, or in parts that are below the path.
  if (step === undefined || Object.keys(fields).length === 0) return true
  if (typeof step === 'string') {
    const inner = fields[`f:${step}`]
    if (inner === undefined) return false
    return owns(inner, isObject(value) ? value[step] : undefined, rest)
  }
  const item = Array.isArray(value) ? (value[step] as unknown) : undefined
  for (const [key, inner] of Object.entries(fields)) {
    const isIt = key.startsWith('k:')
      ? matches(item, parsed(key.slice(2)))
      : key.startsWith('v:')
        ? jsonEqual(item, parsed(key.slice(2)))
        : key.startsWith('i:')
          ? Number(key.slice(2)) === step
          : false
    if (isIt && owns(inner, item, rest)) return true
  }
  return false
}

function matches(item: unknown, keys: unknown): boolean {
  return isObject(item) && isObject(keys) && Object.entries(keys).every(([name, value]) => jsonEqual(item[name], value))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
