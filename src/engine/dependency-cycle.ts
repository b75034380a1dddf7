import type { ObjectMeta } from '../kube/object.ts'

interface Named {
  readonly metadata: Pick<ObjectMeta, 'namespace' | 'name'>
}

interface DependencyName {
  readonly namespace: string
  readonly name: string
}

/** The chain from an object back to itself, `namespace/name` first to last, or undefined. */
export function dependencyCycle<T extends Named>(
  object: T,
  dependenciesOf: (object: T) => readonly DependencyName[],
  find: (namespace: string, name: string) => T | undefined,
): string[] | undefined {
  const start = `${object.metadata.namespace}/${object.metadata.name}`
  const seen = new Set<string>()
  const walk = (here: T, chain: readonly string[]): string[] | undefined => {
    for (const { namespace, name } of dependenciesOf(here)) {
      const key = `${namespace}/${name}`
      if (key === start) return [...chain, key]
      if (seen.has(key)) continue
      seen.add(key)
      const next = find(namespace, name)
      const found = next && walk(next, [...chain, key])
      if (found !== undefined) return found
    }
    return undefined
  }
  return walk(object, [start])
}
