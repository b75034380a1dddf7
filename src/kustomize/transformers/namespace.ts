import { Failure } from '../failure.ts'
import { type FieldSpec, visitField } from '../fieldspec.ts'
import { printId } from '../resid.ts'
import type { Resource } from '../resource.ts'
import type { Scopes } from '../scope.ts'
import type { Transformer } from '../transformer.ts'
import { wrongKind } from '../wrong-kind.ts'
import { type Mapping, Scalar, scalarText, text, type YamlNode } from '../yaml/node.ts'

/** What RoleBinding subjects get the namespace. */
export type SubjectsMode = 'defaultOnly' | 'allServiceAccounts' | 'none'

export interface NamespaceOptions {
  readonly namespace: string
  readonly fieldSpecs: readonly FieldSpec[]
  /** Whether only empty fields are set. */
  readonly unsetOnly?: boolean
  readonly subjects?: SubjectsMode
}

/** Checks the mode of a configuration. @throws Failure for an unknown one */
export function subjectsMode(mode = 'defaultOnly'): SubjectsMode {
  if (mode === 'defaultOnly' || mode === 'none' || mode === 'allServiceAccounts') return mode
  throw new Failure(
    `invalid value "${mode}" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
  )
}

/** Puts all namespaced objects into one namespace, and what refers to the namespace in other fields. */
export function namespaceTransformer(options: NamespaceOptions): Transformer {
  return map => {
    if (options.namespace === '') return
    const count = new Map<string, number>()
    const add = (key: string, by: number): number => {
      const value = (count.get(key) ?? 0) + by
      count.set(key, value)
      return value
    }
    for (const resource of map.resources) add(resource.key(map.scopes), 1)
    for (const resource of map.resources) {
      if (resource.isEmpty) continue
      const before = resource.key(map.scopes)
      resource.storePreviousId(map.scopes)
      apply(resource, options, map.scopes)
      const after = resource.key(map.scopes)
      if (after === before) continue
      add(before, -1)
      if (add(after, 1) !== 1) {
        const matches = map.byCurrentId(resource.id).map(match => printId(match.id))
        throw new Failure(`namespace transformation produces ID conflict: [${matches.join(' ')}]`)
      }
    }
  }
}

function apply(resource: Resource, options: NamespaceOptions, scopes: Scopes): void {
  const { node, gvk } = resource
  const setter = setNamespace(options)
  // metadata.namespace is set by scope and not by field spec: specs know nothing of cluster-scoped kinds.
  if (!scopes.isClusterScoped(gvk)) visitField(node, { path: 'metadata/namespace', create: true }, 'scalar', setter)
  const isBinding = gvk.kind === 'RoleBinding' || gvk.kind === 'ClusterRoleBinding'
  if (isBinding) subjects(node, options)
  for (const spec of options.fieldSpecs) {
    if (spec.path === 'metadata/namespace') continue
    if (isBinding && spec.path.startsWith('subjects')) continue
    visitField(node, spec, 'scalar', setter)
  }
}

function setNamespace(options: NamespaceOptions): (node: YamlNode, replace: (node: YamlNode) => void) => void {
  return (node, replace) => {
    if (node.kind !== 'scalar') throw new Failure(wrongKind('ScalarNode', node))
    if (options.unsetOnly === true && node.value !== '' && node.tag !== 'null') return
    replace(text(options.namespace))
  }
}

function subjects(object: Mapping, options: NamespaceOptions): void {
  const mode = options.subjects ?? 'defaultOnly'
  const list = object.get('subjects')
  if (mode === 'none' || list === undefined || (list.kind === 'scalar' && list.tag === 'null')) return
  if (list.kind !== 'sequence') throw new Failure(wrongKind('SequenceNode', list))
  for (const subject of list.items) {
    if (subject.kind !== 'mapping') continue
    const kind = scalarText(subject.get('kind'))
    if (mode === 'allServiceAccounts' ? kind !== 'ServiceAccount' : scalarText(subject.get('name')) !== 'default')
      continue
    const old = subject.get('namespace')
    if (options.unsetOnly === true && old instanceof Scalar && old.value !== '') continue
    subject.set('namespace', text(options.namespace))
  }
}
