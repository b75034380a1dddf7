import type { KubeObject } from '../../kube/object.ts'
import type { SpecDocument, TextFile } from '../document.ts'
import { normalizeRepositoryPath } from '../git-names.ts'
import type { Cluster } from './cluster.ts'
import { clusterKind } from './cluster.ts'
import { isSelfManaged } from './cluster-update-rules.ts'
import { type FluxConfig, fluxConfigKind } from './flux-config.ts'
import { fluxConfigOf, type GitOpsConfig, gitOpsConfigKind } from './gitops-config.ts'
import { eksaKindOf } from './kinds.ts'
import { type Provider, providerOf } from './providers.ts'

/** One cluster as a file describes it: the Cluster and the objects around it, with defaults. */
export interface ClusterSpec {
  /** The file, as it was given. */
  readonly path: string
  /** The text of the file. */
  readonly text: string
  /** `metadata.name` of the Cluster. */
  readonly name: string
  /** Namespace of the Cluster and of the objects around it. */
  readonly namespace: string
  /** The Cluster with defaults filled in. */
  readonly cluster: Cluster
  /** Whether the cluster manages itself (a management cluster). */
  readonly selfManaged: boolean
  /** The name of the management cluster; its own for a management cluster. */
  readonly managementCluster: string
  /** The provider; undefined only when the datacenter is of an unknown kind (which is a problem). */
  readonly provider: Provider['name'] | undefined
  /**
   * Where the cluster is kept in Git, with defaults filled in and the path normalized (`.` for the root). Made from a
   * GitOpsConfig if that is what the file has; undefined without a gitOpsRef.
   */
  readonly flux: FluxConfig | undefined
  /** The object that gitOpsRef names, as the file has it: a FluxConfig or a GitOpsConfig. */
  readonly gitOpsObject: KubeObject | undefined
  /** All documents, in the order of the file. */
  readonly documents: readonly SpecDocument[]
}

/** Puts a cluster together from its documents; the first Cluster counts. Undefined when there is none. */
export function assembleCluster({ path, text }: TextFile, documents: readonly SpecDocument[]): ClusterSpec | undefined {
  const found = documents.find(document => eksaKindOf(document.object)?.kind === 'Cluster')
  if (found === undefined) return undefined
  const cluster = clusterKind.applyDefaults(found.object)
  const name = cluster.metadata.name ?? ''
  const selfManaged = isSelfManaged(cluster)
  const managementCluster = selfManaged ? name : (cluster.spec?.managementCluster?.name ?? name)
  const gitOpsObject = gitOpsObjectOf(cluster, documents)
  return {
    path,
    text,
    name,
    namespace: cluster.metadata.namespace ?? 'default',
    cluster: cluster as Cluster,
    selfManaged,
    managementCluster,
    provider: providerOf(cluster.spec?.datacenterRef?.kind)?.name,
    flux: gitOpsObject === undefined ? undefined : effectiveFluxConfig(gitOpsObject, managementCluster),
    gitOpsObject,
    documents,
  }
}

/** The FluxConfig that a FluxConfig or GitOpsConfig amounts to, with every default filled in. */
export function effectiveFluxConfig(object: KubeObject, managementCluster: string): FluxConfig {
  const config =
    object.kind === 'GitOpsConfig'
      ? fluxConfigOf(gitOpsConfigKind.applyDefaults(object) as GitOpsConfig)
      : fluxConfigKind.applyDefaults(object)
  const path = config.spec.clusterConfigPath || `clusters/${managementCluster}`
  config.spec.clusterConfigPath = normalizeRepositoryPath(path) || '.'
  if (config.spec.github) config.spec.github.personal ??= false
  return config
}

function gitOpsObjectOf(
  { spec }: { spec: Cluster['spec'] },
  documents: readonly SpecDocument[],
): KubeObject | undefined {
  const ref = spec?.gitOpsRef
  if (ref?.kind !== 'FluxConfig' && ref?.kind !== 'GitOpsConfig') return undefined
  const match = documents.find(
    ({ object }) => eksaKindOf(object)?.kind === ref.kind && object.metadata.name === ref.name,
  )
  return match?.object
}
