import type { KubeObject } from '../../../kube/object.ts'

const noLabels: Readonly<Record<string, string>> = Object.freeze({})

/** Decides which records keep their parsed form. */
export interface ParsedHolder {
  add(record: StoredRecord): void
}

/**
 * One version of one object as the store keeps it: its JSON text and what selectors ask for most.
 * Records never change; a write makes a new one. The parsed form is made on demand and may be dropped again.
 */
export class StoredRecord {
  /** `namespace/name`, or `name` for cluster-scoped objects: unique in its collection. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** The resource version of this state. */
  readonly version: number
  /** The object in its storage version, `kind` and `apiVersion` first. */
  readonly json: string
  readonly labels: Readonly<Record<string, string>>
  readonly #cache: ParsedHolder
  #parsed: KubeObject | undefined

  constructor(object: KubeObject, json: string, version: number, cache: ParsedHolder) {
    const meta = object.metadata
    this.namespace = meta.namespace ?? ''
    this.name = meta.name ?? ''
    this.key = recordKey(this.namespace, this.name)
    this.uid = meta.uid ?? ''
    this.version = version
    this.json = json
    this.labels = meta.labels ?? noLabels
    this.#cache = cache
    this.#parsed = object
    cache.add(this)
  }

  /** The parsed object. Never change it: other readers hold the same one. */
  get object(): KubeObject {
    if (!this.#parsed) {
      this.#parsed = JSON.parse(this.json) as KubeObject
      this.#cache.add(this)
    }
    return this.#parsed
  }

  /** Lets go of the parsed form; the text stays. */
  dropParsed(): void {
    this.#parsed = undefined
  }
}

/** The key of an object within its collection. */
export function recordKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`
}
