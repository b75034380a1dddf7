import { isObject, jsonEqual } from '../../base/json.ts'

/** One value that differs. */
export interface FieldChange {
  /** `spec.template.spec.containers[0].image`; keys with dots are quoted: `metadata.labels["app.kubernetes.io/name"]`. */
  readonly path: string
  /** The value before; absent when there was none. */
  readonly before?: unknown
  /** The value after; absent when there will be none. */
  readonly after?: unknown
}

/** The smallest values that differ between two JSON values, in the order of their keys. */
export function fieldChanges(before: unknown, after: unknown, path = ''): FieldChange[] {
  if (jsonEqual(before, after)) return []
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap(key => fieldChanges(before[key], after[key], join(path, key)))
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, at) => fieldChanges(item, after[at], `${path}[${at}]`))
  }
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
