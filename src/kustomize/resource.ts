import type { GroupVersionKind } from '../kube/identity.ts'
import { effectiveNamespace, idKey, type ResId, splitApiVersion } from './resid.ts'
import type { Scopes } from './scope.ts'
import { cloneNode, Mapping, Scalar, scalarText, text } from './yaml/node.ts'
import { setUntagged, stringMap } from './yaml/scalars.ts'

/** What a generated object does when an object of its id is already there. */
export type Behavior = 'unspecified' | 'create' | 'replace' | 'merge'

/** The name, namespace and kind that a resource had before a transformation. */
export interface PreviousId {
  readonly name: string
  readonly namespace: string
  readonly kind: string
}

/**
 * One object on its way through a build: its tree, and what the build must remember about it. kustomize keeps these
 * facts in annotations below `internal.config.kubernetes.io`; here they are fields.
 */
export class Resource {
  node: Mapping
  /** Oldest first. */
  previousIds: PreviousId[] = []
  prefixes: string[] = []
  suffixes: string[] = []
  behavior: Behavior = 'unspecified'
  needsHash = false
  allowNameChange = false
  allowKindChange = false
  /** Names of vars that take their value from this object. */
  varNames: string[] = []

  constructor(node: Mapping) {
    this.node = node
  }

  get apiVersion(): string {
    return scalarText(this.node.get('apiVersion'))
  }

  get kind(): string {
    return scalarText(this.node.get('kind'))
  }

  get gvk(): GroupVersionKind {
    const { group, version } = splitApiVersion(this.apiVersion)
    return { group, version, kind: this.kind }
  }

  get name(): string {
    return this.#meta('name')
  }

  get namespace(): string {
    return this.#meta('namespace')
  }

  #meta(field: string): string {
    const metadata = this.node.get('metadata')
    if (metadata === undefined || metadata.kind !== 'mapping') return ''
    const value = metadata.get(field)
    return value !== undefined && value.kind === 'scalar' && value.tag !== 'null' ? value.value : ''
  }

  /** The metadata mapping; made when missing. */
  get metadata(): Mapping {
    const metadata = this.node.get('metadata')
    if (metadata !== undefined && metadata.kind === 'mapping') return metadata
    const made = new Mapping()
    this.node.set('metadata', made)
    return made
  }

  set name(name: string) {
    setUntagged(this.metadata, 'name', name)
  }

  set kind(kind: string) {
    setUntagged(this.node, 'kind', kind)
  }

  set apiVersion(apiVersion: string) {
    setUntagged(this.node, 'apiVersion', apiVersion)
  }

  set namespace(namespace: string) {
    if (namespace === '') this.metadata.delete('namespace')
    else setUntagged(this.metadata, 'namespace', namespace)
  }

  get labels(): Map<string, string> {
    return stringMap(metadataField(this.node, 'labels'))
  }

  get annotations(): Map<string, string> {
    return stringMap(metadataField(this.node, 'annotations'))
  }

  /** Replaces all labels by strings; none removes the field. */
  setLabels(labels: ReadonlyMap<string, string>): void {
    this.#setStrings('labels', labels)
  }

  /** Replaces all annotations by strings; none removes the field. */
  setAnnotations(annotations: ReadonlyMap<string, string>): void {
    this.#setStrings('annotations', annotations)
  }

  #setStrings(field: string, values: ReadonlyMap<string, string>): void {
    if (values.size === 0) {
      metadataOf(this.node)?.delete(field)
      return
    }
    const mapping = new Mapping()
    for (const [key, value] of values) mapping.set(key, text(value))
    this.metadata.set(field, mapping)
  }

  /** The id as the object stands now. */
  get id(): ResId {
    const { group, version } = splitApiVersion(this.apiVersion)
    return { group, version, kind: this.kind, name: this.name, namespace: this.namespace }
  }

  /** Every earlier id, with today's group and version, oldest first. */
  get pastIds(): ResId[] {
    const { group, version } = splitApiVersion(this.apiVersion)
    return this.previousIds.map(past => ({ group, version, ...past }))
  }

  /** The id before every transformation. */
  get originalId(): ResId {
    const first = this.previousIds[0]
    if (first === undefined) return this.id
    return { ...splitApiVersion(this.apiVersion), ...first }
  }

  /** Remembers the current id as a previous one. */
  storePreviousId(scopes: Scopes): void {
    const { name, kind } = this
    this.previousIds.push({ name, kind, namespace: effectiveNamespace(this.id, scopes) })
  }

  /** The key of the current id; equal keys may not be in one result. */
  key(scopes: Scopes): string {
    return idKey(this.id, scopes)
  }

  get isEmpty(): boolean {
    return this.node.fields.size === 0
  }

  /** A copy that shares nothing. */
  copy(): Resource {
    const copy = new Resource(cloneNode(this.node))
    copy.previousIds = [...this.previousIds]
    copy.prefixes = [...this.prefixes]
    copy.suffixes = [...this.suffixes]
    copy.behavior = this.behavior
    copy.needsHash = this.needsHash
    copy.allowNameChange = this.allowNameChange
    copy.allowKindChange = this.allowKindChange
    copy.varNames = [...this.varNames]
    return copy
  }

  /** Takes over name, namespace, labels, annotations and the build's facts of another object; own labels win. */
  mergeMetadataFrom(other: Resource): void {
    this.setLabels(new Map([...other.labels, ...this.labels]))
    this.setAnnotations(new Map([...other.annotations, ...this.annotations]))
    this.name = other.name
    this.namespace = other.namespace
    this.varNames = [...other.varNames]
    this.previousIds = [...other.previousIds]
    this.prefixes = [...other.prefixes]
    this.suffixes = [...other.suffixes]
    this.behavior = other.behavior
    this.needsHash &&= other.needsHash
    this.allowNameChange = other.allowNameChange
    this.allowKindChange = other.allowKindChange
  }

  /** Adds the strings of another object's map (`data`, `binaryData`) below the own ones. */
  mergeStringsFrom(other: Resource, field: string): void {
    const merged = new Map([...stringMap(other.node.get(field)), ...stringMap(this.node.get(field))])
    if (merged.size === 0) {
      this.node.delete(field)
      return
    }
    const mapping = new Mapping()
    for (const [key, value] of merged) mapping.set(key, new Scalar(value))
    this.node.set(field, mapping)
  }
}

function metadataOf(node: Mapping): Mapping | undefined {
  const metadata = node.get('metadata')
  return metadata !== undefined && metadata.kind === 'mapping' ? metadata : undefined
}

function metadataField(node: Mapping, field: string) {
  return metadataOf(node)?.get(field)
}
