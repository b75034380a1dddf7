/** A map of the JSON model. Keys can be anything, `__proto__` and `constructor` included. */
export type JsonMap = Record<string, unknown>

/** The value as a map; undefined when it is not one. */
export function asMap(value: unknown): JsonMap | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : undefined
}

/** The value as a list; undefined when it is not one. */
export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

/** The own entry of a key; undefined when there is none. */
export function entry(map: JsonMap | undefined, key: string): unknown {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined
}

/** Sets an own entry, also for the key `__proto__`, which an assignment would take for the prototype. */
export function setEntry(map: JsonMap, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
  else map[key] = value
}

/** Whether a map has no entries. */
export function isEmptyMap(map: JsonMap): boolean {
  for (const key in map) if (Object.hasOwn(map, key)) return false
  return true
}
