import type { KindDefinition, KindVersion } from './types.ts'

/** One kind in one served version: what a path addresses. */
export interface ServedKind {
  readonly definition: KindDefinition
  readonly version: KindVersion
  /** `v1` or `apps/v1`. */
  readonly apiVersion: string
  /** The storage name of the kind: `configmaps`, `deployments.apps`. */
  readonly collection: string
}

/** A group with its versions, preferred first. */
export interface GroupVersions {
  readonly group: string
  readonly versions: readonly string[]
}

/** All kinds that the server serves at the moment, by path and by kind. */
export class KindRegistry {
  readonly #byPath = new Map<string, ServedKind>()
  readonly #byKind = new Map<string, ServedKind>()
  readonly #definitions = new Map<string, KindDefinition>()
  readonly #listeners = new Set<() => void>()
  #revision = 0

  /** Rises with every change: a key for caches of discovery documents. */
  get revision(): number {
    return this.#revision
  }

  /** Adds a kind or replaces the one with the same plural and group. */
  set(definition: KindDefinition): void {
    const id = collectionId(definition)
    this.#forget(id)
    this.#definitions.set(id, definition)
    for (const version of definition.versions) {
      const served: ServedKind = {
        definition,
        version,
        apiVersion: definition.group === '' ? version.version : `${definition.group}/${version.version}`,
        collection: definition.keptAs?.collection ?? id,
      }
      this.#byPath.set(`${served.apiVersion}/${definition.plural}`, served)
      this.#byKind.set(`${served.apiVersion}/${definition.kind}`, served)
    }
    this.#changed()
  }

  /** Removes a kind. */
  delete(group: string, plural: string): void {
    const id = collectionId({ group, plural })
    if (!this.#definitions.has(id)) return
    this.#forget(id)
    this.#changed()
  }

  /** What a path addresses; `group` is '' for the core group. */
  byPath(group: string, version: string, plural: string): ServedKind | undefined {
    return this.#byPath.get(group === '' ? `${version}/${plural}` : `${group}/${version}/${plural}`)
  }

  /** The kind of an object by its `apiVersion` and `kind`. */
  byKind(apiVersion: string, kind: string): ServedKind | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`)
  }

  /** A kind by its storage name. */
  definition(id: string): KindDefinition | undefined {
    return this.#definitions.get(id)
  }

  /** The served form of a kind in its storage version, or in the preferred one when that is not served. */
  stored(id: string): ServedKind | undefined {
    const definition = this.#definitions.get(id)
    if (!definition) return undefined
    const { group, plural, storageVersion, versions } = definition
    return this.byPath(group, storageVersion, plural) ?? this.byPath(group, versions[0]?.version ?? '', plural)
  }

  all(): IterableIterator<KindDefinition> {
    return this.#definitions.values()
  }

  /** All groups but the core group, builtin ones first in the order of their registration, with their versions by priority. */
  groups(): GroupVersions[] {
    const groups = new Map<string, Set<string>>()
    for (const { group, versions } of this.#definitions.values()) {
      if (!groups.has(group)) groups.set(group, new Set())
      for (const { version } of versions) groups.get(group)!.add(version)
    }
    return [...groups].map(([group, versions]) => ({ group, versions: [...versions].sort(byVersionPriority) }))
  }

  /** Kinds of one group and version. */
  resources(group: string, version: string): ServedKind[] {
    const apiVersion = group === '' ? version : `${group}/${version}`
    return [...this.#byPath.values()].filter(kind => kind.apiVersion === apiVersion)
  }

  /** Calls back after every change; returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #forget(id: string): void {
    for (const map of [this.#byPath, this.#byKind]) {
      for (const [key, served] of map) if (collectionId(served.definition) === id) map.delete(key)
    }
    this.#definitions.delete(id)
  }

  #changed(): void {
    this.#revision++
    for (const listener of this.#listeners) listener()
  }
}

/** `plural.group`, or `plural` in the core group: what messages and the store call a kind of resource. */
export function collectionId(kind: { readonly group: string; readonly plural: string }): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
}

/**
 * Kubernetes' order of versions: GA before beta before alpha, higher numbers first, anything else last by name
 * (apimachinery `version.CompareKubeAwareVersionStrings`).
 */
export function byVersionPriority(a: string, b: string): number {
  const left = versionParts(a)
  const right = versionParts(b)
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor
}

function versionParts(text: string): { major: number; stage: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(text)
  if (!match) return undefined
  const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0
  return { major: Number(match[1]), stage, minor: Number(match[3] ?? 0) }
}
