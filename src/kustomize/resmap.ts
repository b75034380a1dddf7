import { Failure } from './failure.ts'
import { idKey, printId, type ResId } from './resid.ts'
import type { Resource } from './resource.ts'
import type { Scopes } from './scope.ts'

/** The objects of a build, in load order, each id once. */
export class ResMap {
  readonly scopes: Scopes
  #list: Resource[]
  /** The keys of all objects while only `append` is used; undefined when any may have changed. */
  #keys: Set<string> | undefined

  constructor(scopes: Scopes, list: Resource[] = []) {
    this.scopes = scopes
    this.#list = list
  }

  get resources(): readonly Resource[] {
    return this.#list
  }

  /** A map of the same objects. */
  shallowCopy(): ResMap {
    return new ResMap(this.scopes, [...this.#list])
  }

  /** Adds objects. @throws Failure when an id is already there. */
  append(incoming: readonly Resource[]): void {
    this.#keys ??= new Set(this.#list.map(resource => resource.key(this.scopes)))
    const keys = this.#keys
    for (const resource of incoming) {
      const key = resource.key(this.scopes)
      if (keys.has(key)) {
        throw new Failure(`may not add resource with an already registered id: ${printId(resource.id)}`)
      }
      keys.add(key)
      this.#list.push(resource)
    }
  }

  /** Lets a transformer change the objects. */
  transform(change: (map: ResMap) => void): void {
    this.#keys = undefined
    change(this)
    this.#keys = undefined
  }

  /** Puts other objects in place of all. @throws Failure when an id is there twice. */
  replaceAll(resources: readonly Resource[]): void {
    this.#list = []
    this.#keys = undefined
    this.append(resources)
  }

  /** Leaves out the objects that a test rejects. */
  filter(keep: (resource: Resource) => boolean): void {
    this.#list = this.#list.filter(keep)
    this.#keys = undefined
  }

  /** The objects whose current id is the given one. */
  byCurrentId(id: ResId): Resource[] {
    const key = idKey(id, this.scopes)
    return this.#list.filter(resource => resource.name === id.name && resource.key(this.scopes) === key)
  }

  /** The objects of which the current or any previous id passes a test. */
  byAnyId(test: (id: ResId) => boolean): Resource[] {
    return this.#list.filter(resource => !resource.isEmpty && (resource.pastIds.some(test) || test(resource.id)))
  }

  /** The objects that have or had an id. */
  byAnyIdEqual(id: ResId): Resource[] {
    const key = idKey(id, this.scopes)
    return this.byAnyId(candidate => candidate.name === id.name && idKey(candidate, this.scopes) === key)
  }

  /** The one object that has or had an id, the target of a patch. @throws Failure for none or several. */
  target(id: ResId): Resource {
    const found = this.byAnyIdEqual(id)
    if (found.length === 1) return found[0]!
    const count = found.length === 0 ? 'no matches' : 'multiple matches'
    throw new Failure(`${count} for Id ${printId(id)}; failed to find unique target for patch ${printId(id)}`)
  }

  /** Adds generated objects by their behavior: new ones, or replacing or merging into what is there. */
  absorb(incoming: readonly Resource[]): void {
    for (const resource of incoming) this.#absorbOne(resource)
  }

  #absorbOne(resource: Resource): void {
    const id = resource.id
    const matches = this.byAnyIdEqual(id)
    if (matches.length > 1) {
      throw new Failure(
        `found multiple objects ${matches.map(m => printId(m.id))} that could accept merge of ${printId(id)}`,
      )
    }
    const old = matches[0]
    if (old === undefined) {
      if (resource.behavior === 'merge' || resource.behavior === 'replace') {
        throw new Failure(`id ${goResId(id)} does not exist; cannot merge or replace`)
      }
      this.append([resource])
      return
    }
    if (resource.behavior !== 'merge' && resource.behavior !== 'replace') {
      throw new Failure(`id ${goResId(id)} exists; behavior must be merge or replace`)
    }
    const origin = old.annotations.get(originAnnotation)
    const merges = resource.behavior === 'merge'
    resource.mergeMetadataFrom(old)
    if (merges) {
      resource.mergeStringsFrom(old, 'data')
      resource.mergeStringsFrom(old, 'binaryData')
      if (origin !== undefined) resource.setAnnotations(new Map([...resource.annotations, [originAnnotation, origin]]))
    }
    const index = this.#list.indexOf(old)
    // The new object takes the old one's current name, so another object may now have the same id.
    const twins = this.#list.filter(other => other !== old && other.key(this.scopes) === resource.key(this.scopes))
    if (twins.length > 0) throw new Failure(`in Replace: id matched ${twins.length + 1} resources`)
    this.#list[index] = resource
    this.#keys = undefined
  }
}

/** Where kustomize notes from which file an object comes. */
export const originAnnotation = 'config.kubernetes.io/origin'

/** An id as Go's `%#v` prints it in kustomize's messages. */
function goResId(id: ResId): string {
  const gvk = `resid.Gvk{Group:"${id.group}", Version:"${id.version}", Kind:"${id.kind}", isClusterScoped:false}`
  return `resid.ResId{Gvk:${gvk}, Name:"${id.name}", Namespace:"${id.namespace}"}`
}
