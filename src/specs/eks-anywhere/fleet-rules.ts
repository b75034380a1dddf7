import { jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../../kube/field-error.ts'
import { duplicate, forbidden, invalid } from '../../kube/field-errors.ts'
import type { SpecDocument } from '../document.ts'
import type { ClusterSpec } from './cluster-spec.ts'
import type { FluxConfig } from './flux-config.ts'

/** A finding about a cluster that follows from another one. */
export interface FleetFinding {
  readonly document: SpecDocument
  readonly error: FieldError
}

/** The document of the Cluster itself. */
export function clusterDocument(spec: ClusterSpec): SpecDocument {
  return spec.documents.find(({ object }) => object.kind === 'Cluster') as SpecDocument
}

/** Rules between the clusters of several files. */
export function* checkFleet(specs: readonly ClusterSpec[]): Iterable<FleetFinding> {
  yield* checkNames(specs)
  yield* checkObjects(specs)
  yield* checkPlaces(specs)
  for (const spec of specs) {
    const manager = specs.find(other => other.name === spec.managementCluster)
    if (!spec.selfManaged && manager !== undefined) yield* checkWorkload(spec, manager)
  }
}

/** Whether a workload cluster agrees with its management cluster about where the fleet is kept in Git. */
export function* checkWorkload(spec: ClusterSpec, manager: ClusterSpec): Iterable<FleetFinding> {
  const cluster = clusterDocument(spec)
  const at = 'spec.managementCluster.name'
  if (!manager.selfManaged) {
    yield { document: cluster, error: invalid(at, manager.name, `${manager.name} is itself a workload cluster`) }
    return
  }
  if (spec.namespace !== manager.namespace) {
    const detail = `must be the namespace of the management cluster, ${manager.namespace}`
    yield { document: cluster, error: invalid('metadata.namespace', spec.namespace, detail) }
  }
  if (spec.flux === undefined) return
  if (manager.flux === undefined) {
    const detail = `the management cluster ${manager.name} has no gitOpsRef; give it one first`
    yield { document: cluster, error: invalid('spec.gitOpsRef', spec.cluster.spec.gitOpsRef, detail) }
    return
  }
  const fields = differences(spec.flux, manager.flux)
  if (fields.length === 0) return
  const document = spec.documents.find(({ object }) => object === spec.gitOpsObject) ?? cluster
  const what = spec.gitOpsObject?.kind === 'GitOpsConfig' ? 'gitOpsConfig' : 'fluxConfig'
  const detail = `expected ${what}.spec to be the same between management and its workload clusters; ${fields.join(', ')} of ${manager.name} differs`
  yield { document, error: forbidden('spec', detail) }
}

function differences(a: FluxConfig, b: FluxConfig): string[] {
  const names = [...new Set([...Object.keys(a.spec), ...Object.keys(b.spec)])] as (keyof FluxConfig['spec'])[]
  return names.filter(name => !jsonEqual(a.spec[name], b.spec[name]))
}

function* checkNames(specs: readonly ClusterSpec[]): Iterable<FleetFinding> {
  const first = new Map<string, ClusterSpec>()
  for (const spec of specs) {
    const other = first.get(spec.name)
    if (other === undefined) first.set(spec.name, spec)
    else {
      const error = {
        ...duplicate('metadata.name', spec.name),
        detail: `${other.path} has a Cluster of this name, too`,
      }
      yield { document: clusterDocument(spec), error }
    }
  }
}

/** Objects that two files of one fleet both define: they would be built into one Kustomization, which refuses that. */
function* checkObjects(specs: readonly ClusterSpec[]): Iterable<FleetFinding> {
  const first = new Map<string, SpecDocument>()
  for (const spec of specs) {
    for (const document of spec.documents) {
      const { apiVersion, kind, metadata } = document.object
      if (kind === 'Cluster') continue
      const key = [spec.managementCluster, apiVersion, kind, metadata.namespace ?? 'default', metadata.name].join('/')
      const other = first.get(key)
      if (other === undefined) first.set(key, document)
      else if (other.file !== document.file) {
        const detail = `${other.file} has a ${kind} of this name, too; give each cluster of a fleet its own`
        yield { document, error: { ...duplicate('metadata.name', metadata.name), detail } }
      }
    }
  }
}

/** Two management clusters must not be kept in the same folder. */
function* checkPlaces(specs: readonly ClusterSpec[]): Iterable<FleetFinding> {
  const first = new Map<string, ClusterSpec>()
  for (const spec of specs) {
    if (!spec.selfManaged || spec.flux === undefined) continue
    const { github, git, branch, clusterConfigPath } = spec.flux.spec
    const repository = github ? `${github.owner}/${github.repository}`.toLowerCase() : git?.repositoryUrl
    const key = JSON.stringify([repository, branch, clusterConfigPath])
    const other = first.get(key)
    if (other === undefined) first.set(key, spec)
    else {
      const detail = `the management cluster ${other.name} is kept in this folder of the same branch, too`
      const document = spec.documents.find(({ object }) => object === spec.gitOpsObject) ?? clusterDocument(spec)
      yield { document, error: invalid('spec.clusterConfigPath', clusterConfigPath, detail) }
    }
  }
}
