import { Failure, wrapped } from './failure.ts'
import { type FieldSpec, hasField, visitField } from './fieldspec.ts'
import { effectiveNamespace, type GvkSelector, isSelected, printId } from './resid.ts'
import type { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'
import type { Scopes } from './scope.ts'
import type { NameReference } from './transformer-config.ts'
import { emitDocument } from './yaml/emit.ts'
import { cloneNode, isMissingOrNull, type Mapping, scalarText, type YamlNode } from './yaml/node.ts'
import { setUntagged, untagged } from './yaml/scalars.ts'

/** Fixes the names by which objects refer to others that were renamed on the way. */
export function fixNameReferences(map: ResMap, references: readonly NameReference[]): void {
  const index = new ReferralIndex(map)
  const byKind = referencesByKind(references)
  // What to do is settled before anything is done, as a renamed field may look like another name.
  const work: [Resource, Reference[]][] = []
  for (const resource of map.resources) {
    const id = resource.originalId
    const list = [...(byKind.get(id.kind) ?? []), ...(byKind.get('') ?? [])]
      .filter(({ spec }) => isSelected(id, spec) && hasField(resource.node, spec))
      .sort((a, b) => a.order - b.order)
    if (list.length > 0) work.push([resource, list])
  }
  for (const [referrer, list] of work) {
    const fixer = new Fixer(referrer, index, map.scopes)
    for (const { target, spec } of list) fixer.fix(target, spec)
  }
}

/** One field that may hold names of objects of a kind. */
interface Reference {
  readonly target: GvkSelector
  readonly spec: FieldSpec
  /** The place in the configuration; earlier ones are followed first. */
  readonly order: number
}

const sortedByKind = new WeakMap<readonly NameReference[], ReadonlyMap<string, readonly Reference[]>>()

/** Remembered, as most builds follow the references that kustomize knows by itself. */
function referencesByKind(references: readonly NameReference[]): ReadonlyMap<string, readonly Reference[]> {
  let known = sortedByKind.get(references)
  if (known === undefined) {
    known = sortByKind(references)
    sortedByKind.set(references, known)
  }
  return known
}

function sortByKind(references: readonly NameReference[]): Map<string, Reference[]> {
  const result = new Map<string, Reference[]>()
  let order = 0
  for (const target of references) {
    for (const spec of target.fieldSpecs) {
      const kind = spec.kind ?? ''
      const list = result.get(kind)
      if (list === undefined) result.set(kind, [{ target, spec, order }])
      else list.push({ target, spec, order })
      order++
    }
  }
  return result
}

/** The renamed objects by every name that they had. */
class ReferralIndex {
  readonly #byName = new Map<string, Resource[]>()

  constructor(map: ResMap) {
    for (const resource of map.resources) {
      for (const name of new Set(resource.previousIds.map(id => id.name))) {
        const list = this.#byName.get(name)
        if (list === undefined) this.#byName.set(name, [resource])
        else list.push(resource)
      }
    }
  }

  named(name: string): readonly Resource[] {
    return this.#byName.get(name) ?? []
  }
}

class Fixer {
  readonly #referrer: Resource
  readonly #index: ReferralIndex
  readonly #scopes: Scopes
  readonly #namespace: string
  readonly #clusterScoped: boolean
  readonly #bindingNamespaces: ReadonlySet<string>

  constructor(referrer: Resource, index: ReferralIndex, scopes: Scopes) {
    this.#referrer = referrer
    this.#index = index
    this.#scopes = scopes
    this.#namespace = effectiveNamespace(referrer.id, scopes)
    this.#clusterScoped = scopes.isClusterScoped(referrer.gvk)
    this.#bindingNamespaces = bindingNamespaces(referrer)
  }

  /** Fixes one field that may hold names of objects of a kind. */
  fix(target: GvkSelector, spec: FieldSpec): void {
    const isRoleRef = spec.path.endsWith('roleRef/name')
    try {
      visitField(this.#referrer.node, { path: spec.path }, undefined, (node, replace) => {
        if (isMissingOrNull(node)) return
        if (node.kind === 'scalar') this.#scalar(node, replace, target, isRoleRef)
        else if (node.kind === 'mapping') this.#mapping(node, target, isRoleRef)
        else {
          for (const [i, item] of node.items.entries()) {
            if (item.kind === 'mapping') this.#mapping(item, target, isRoleRef)
            else if (item.kind === 'scalar') {
              this.#scalar(item, other => (node.items[i] = other), target, isRoleRef)
            } else throw new Failure('node must be a scalar or map')
          }
        }
      })
    } catch (error) {
      throw wrapped(error, `updating name reference in '${spec.path}' field of '${printId(this.#referrer.id)}'`)
    }
  }

  #scalar(node: YamlNode, replace: (node: YamlNode) => void, target: GvkSelector, isRoleRef: boolean): void {
    const old = scalarText(node)
    const referral = this.#select(old, this.#candidates(old), target, isRoleRef, sameNames)
    if (referral !== undefined && referral.name !== old) replace(untagged(referral.name, node))
  }

  /** A mapping with a name and a namespace, both of which follow the object. */
  #mapping(node: Mapping, target: GvkSelector, isRoleRef: boolean): void {
    const nameNode = node.get('name')
    if (nameNode === undefined) throw new Failure("path config error; no 'name' field in node")
    const old = scalarText(nameNode)
    const candidates = this.#inNamespace(this.#candidates(old), node.get('namespace'))
    const referral = this.#select(old, candidates, target, isRoleRef, sameNamesAndNamespaces)
    if (referral === undefined || (referral.name === old && referral.namespace === '')) return
    setUntagged(node, 'name', referral.name)
    if (referral.namespace !== '') setUntagged(node, 'namespace', referral.namespace)
  }

  /** What the referrer could mean at all: objects without a namespace, in its own, or in those that it names. */
  #candidates(name: string): Resource[] {
    return this.#index.named(name).filter(resource => {
      if (this.#clusterScoped || this.#scopes.isClusterScoped(resource.gvk)) return true
      return (
        effectiveNamespace(resource.id, this.#scopes) === this.#namespace ||
        this.#bindingNamespaces.has(resource.namespace)
      )
    })
  }

  #inNamespace(candidates: readonly Resource[], namespace: YamlNode | undefined): readonly Resource[] {
    if (namespace === undefined) return candidates
    const wanted = scalarText(namespace)
    const original = candidates.filter(resource => effectiveNamespace(resource.originalId, this.#scopes) === wanted)
    if (original.length > 0) return original
    return candidates.filter(resource => effectiveNamespace(resource.id, this.#scopes) === wanted)
  }

  #select(
    name: string,
    among: readonly Resource[],
    target: GvkSelector,
    isRoleRef: boolean,
    same: (list: readonly Resource[]) => boolean,
  ): Resource | undefined {
    const roleRef = isRoleRef ? this.#roleRef() : undefined
    let candidates = among.filter(resource => {
      const past = resource.pastIds
      return (
        past.some(id => id.name === name) &&
        past.some(id => isSelected(id, target)) &&
        (roleRef === undefined || past.some(id => isSelected(id, roleRef))) &&
        this.#reachable(resource)
      )
    })
    if (candidates.length === 1) return candidates[0]
    candidates = candidates.filter(resource => sameAffixes(this.#referrer, resource, true))
    if (candidates.length > 1) {
      const exact = candidates.filter(resource => sameAffixes(this.#referrer, resource, false))
      candidates = exact
    }
    if (candidates.length <= 1) return candidates[0]
    if (same(candidates)) return candidates[0]
    throw this.#ambiguous(candidates)
  }

  #reachable(resource: Resource): boolean {
    if (this.#clusterScoped || this.#scopes.isClusterScoped(resource.gvk) || resource.kind === 'ServiceAccount')
      return true
    return effectiveNamespace(resource.id, this.#scopes) === this.#namespace
  }

  /** The kind that a binding's `roleRef` names, which decides between a Role and a ClusterRole of one name. */
  #roleRef(): GvkSelector | undefined {
    const roleRef = this.#referrer.node.get('roleRef')
    if (roleRef?.kind !== 'mapping') return undefined
    const group = roleRef.get('apiGroup')
    const kind = roleRef.get('kind')
    return group === undefined || kind === undefined ? undefined : { group: scalarText(group), kind: scalarText(kind) }
  }

  #ambiguous(candidates: readonly Resource[]): Failure {
    const ids = candidates.map(candidate => printId(candidate.id)).join(', ')
    const details = candidates.map((candidate, i) => `--- possible referral ${i}:\n${printed(candidate)}\n`).join('')
    return new Failure(
      `found multiple possible referrals: ${ids}\n\n**** Too many possible referral targets to referrer:\n${printed(this.#referrer)}\n${details}`,
    )
  }
}

/** An object for a message, without the data of a Secret. */
function printed(resource: Resource): string {
  if (resource.kind !== 'Secret') return emitDocument(resource.node)
  const copy = cloneNode(resource.node)
  copy.delete('data')
  copy.delete('stringData')
  return emitDocument(copy)
}

function bindingNamespaces(resource: Resource): Set<string> {
  const result = new Set<string>()
  const subjects = resource.kind === 'RoleBinding' ? resource.node.get('subjects') : undefined
  if (subjects?.kind !== 'sequence') return result
  for (const subject of subjects.items) {
    if (subject.kind === 'mapping' && scalarText(subject.get('kind')) === 'ServiceAccount') {
      const namespace = subject.get('namespace')
      if (namespace !== undefined) result.add(scalarText(namespace))
    }
  }
  return result
}

/** Whether two objects went through the same prefixes and suffixes; with `lenient`, none counts as any. */
function sameAffixes(a: Resource, b: Resource, lenient: boolean): boolean {
  const same = (x: readonly string[], y: readonly string[]): boolean =>
    (lenient && (x.length === 0 || y.length === 0)) || sameEnding(x, y)
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes)
}

/** Whether the shorter list is the end of the longer. */
function sameEnding(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (short.length === 0) return long.length === 0
  return short.every((item, i) => item === long[long.length - short.length + i])
}

function sameNames(list: readonly Resource[]): boolean {
  return list.every(resource => resource.name === list[0]!.name)
}

function sameNamesAndNamespaces(list: readonly Resource[]): boolean {
  return list.every(resource => resource.name === list[0]!.name && resource.namespace === list[0]!.namespace)
}
