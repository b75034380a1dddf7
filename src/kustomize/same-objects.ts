import type { Resource } from './resource.ts'

/** Whether two lists hold equal objects in the same order; the order of keys counts, as in Go's comparison of nodes. */
export function sameObjects(a: readonly Resource[], b: readonly Resource[]): boolean {
  return a.length === b.length && a.every((resource, i) => textOf(resource) === textOf(b[i]!))
}

function textOf(resource: Resource): string {
  return JSON.stringify(resource.node, (_key, value: unknown) => (value instanceof Map ? [...value] : value))
}
