import type { FieldError } from '../../kube/field-error.ts'
import { invalid } from '../../kube/field-errors.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { SpecDocument } from '../document.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterSpec } from './cluster-spec.ts'
import { eksaKindOf } from './kinds.ts'

/** A reference of a Cluster to an object that must stand in the same file. */
interface Reference {
  readonly field: string
  readonly kind: string
  readonly name: string
}

/** Every reference of a cluster that names a kind and an object. */
export function referencesOf({ spec }: { spec: Cluster['spec'] }): Reference[] {
  const refs: Reference[] = []
  const add = (field: string, ref: { kind?: string; name?: string } | undefined): void => {
    if (ref?.kind && ref.name) refs.push({ field, kind: ref.kind, name: ref.name })
  }
  add('spec.datacenterRef', spec.datacenterRef)
  add('spec.controlPlaneConfiguration.machineGroupRef', spec.controlPlaneConfiguration?.machineGroupRef)
  add('spec.externalEtcdConfiguration.machineGroupRef', spec.externalEtcdConfiguration?.machineGroupRef)
  for (const [i, group] of (spec.workerNodeGroupConfigurations ?? []).entries()) {
    add(`spec.workerNodeGroupConfigurations[${i}].machineGroupRef`, group.machineGroupRef)
  }
  for (const [i, ref] of (spec.identityProviderRefs ?? []).entries()) add(`spec.identityProviderRefs[${i}]`, ref)
  add('spec.gitOpsRef', spec.gitOpsRef)
  return refs
}

/** References that lead nowhere. EKS Anywhere takes a gitOpsRef without an object for "no GitOps"; here it is an error. */
export function* checkReferences({ cluster, documents }: ClusterSpec): Iterable<FieldError> {
  const known = documents.map(document => document.object)
  for (const { field, kind, name } of referencesOf(cluster)) {
    if (known.some(object => eksaKindOf(object)?.kind === kind && object.metadata.name === name)) continue
    yield invalid(field, `${kind}/${name}`, lost(known, kind, name))
  }
}

function lost(known: readonly KubeObject[], kind: string, name: string): string {
  const foreign = known.find(object => object.kind === kind && object.metadata.name === name)
  if (foreign !== undefined) return `the file has this ${kind}, but with apiVersion ${foreign.apiVersion}`
  const names = known.filter(object => eksaKindOf(object)?.kind === kind).map(object => object.metadata.name)
  if (names.length > 0) return `the file has no ${kind} of this name; it has ${names.join(', ')}`
  const twin = known.find(object => isGitOpsKind(object) && object.metadata.name === name)
  if (isGitOpsKind({ kind }) && twin !== undefined) return `the file has no ${kind}, but a ${twin.kind} of this name`
  return `the file has no ${kind}`
}

function isGitOpsKind({ kind }: { kind: string }): boolean {
  return kind === 'FluxConfig' || kind === 'GitOpsConfig'
}

/** Documents of EKS Anywhere that no reference of the cluster leads to. */
export function unreferenced({ cluster, documents }: ClusterSpec): SpecDocument[] {
  const named = new Set(referencesOf(cluster).map(({ kind, name }) => `${kind}/${name}`))
  for (const { object } of documents) {
    const template = (object['spec'] as { templateRef?: { kind?: string; name?: string } } | undefined)?.templateRef
    if (template?.kind && template.name) named.add(`${template.kind}/${template.name}`)
  }
  return documents.filter(({ object }) => {
    const kind = eksaKindOf(object)?.kind
    // Address pools are named by fields of the Snow provider that are not read here.
    if (kind === undefined || kind === 'Cluster' || kind === 'SnowIPPool') return false
    return !named.has(`${kind}/${object.metadata.name}`)
  })
}

/** Objects around a cluster that are in another namespace. */
export function* misplaced({
  namespace,
  documents,
}: ClusterSpec): Iterable<{ document: SpecDocument; error: FieldError }> {
  for (const document of documents) {
    const kind = eksaKindOf(document.object)?.kind
    const here = document.object.metadata.namespace ?? 'default'
    if (kind === undefined || kind === 'Cluster' || here === namespace) continue
    const detail = `${kind} and Cluster objects must have the same namespace specified: the Cluster is in ${namespace}`
    yield { document, error: invalid('metadata.namespace', here, detail) }
  }
}
