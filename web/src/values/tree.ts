/** Values of a chart: whatever YAML can say. */
export type Values = Readonly<Record<string, unknown>>

/** Keys from the top; a number is a place in a list. */
export type Path = readonly (string | number)[]

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A path as one text, for keys of React and of maps: no two paths have the same. */
export const pathKey = (path: Path): string => JSON.stringify(path)

/** A path as people write it: `image.tag`, `hosts[0].name`, `annotations["a.b/c"]`. */
export function pathWords(path: Path): string {
  let out = ''
  for (const key of path) {
    if (typeof key === 'number') out += `[${key}]`
    else if (/^[\w-]+$/.test(key)) out += out === '' ? key : `.${key}`
    else out += `[${JSON.stringify(key)}]`
  }
  return out
}

const own = (map: object, key: string): boolean => Object.hasOwn(map, key)

/** The value at a path; undefined where there is none. */
export function valueAt(values: unknown, path: Path): unknown {
  let at = values
  for (const key of path) {
    if (Array.isArray(at)) at = typeof key === 'number' ? at[key] : undefined
    else if (isMap(at)) at = own(at, String(key)) ? at[String(key)] : undefined
    else return undefined
  }
  return at
}

/** Whether something is at a path, be it null. */
export function hasAt(values: unknown, path: Path): boolean {
  if (path.length === 0) return values !== undefined
  const parent = valueAt(values, path.slice(0, -1))
  const key = path.at(-1)!
  if (Array.isArray(parent)) return typeof key === 'number' && key in parent
  return isMap(parent) && own(parent, String(key))
}

/** A plain map without a prototype's keys, in which `__proto__` is a key like any other. */
export function put(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
}

function copyMap(map: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(map)) put(out, key, map[key])
  return out
}

/** A copy with `value` at a path. What stands in the way (a text where a map is needed) is replaced. */
export function withAt(values: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (typeof key === 'number') {
    const list = Array.isArray(values) ? [...values] : []
    list[key] = withAt(list[key], rest, value)
    return list
  }
  const map = isMap(values) ? copyMap(values) : {}
  put(map, key, withAt(own(map, key) ? map[key] : undefined, rest, value))
  return map
}

/** A copy without what is at a path, and without the maps that are empty because of it. */
export function withoutAt(values: unknown, path: Path): unknown {
  const [key, ...rest] = path
  if (key === undefined || !isMap(values) || typeof key === 'number' || !own(values, key)) return values
  const map = copyMap(values)
  if (rest.length === 0) {
    delete map[key]
    return map
  }
  const inner = withoutAt(map[key], rest)
  if (inner !== map[key] && isMap(inner) && Object.keys(inner).length === 0) delete map[key]
  else put(map, key, inner)
  return map
}

/** Whether two values say the same: the order of keys says nothing. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  // -0 and 0 are one number in JSON.
  if (typeof a === 'number' && typeof b === 'number') return a === b
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, at) => same(item, b[at]))
  }
  if (!isMap(a) || !isMap(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => own(b, key) && same(a[key], b[key]))
}
