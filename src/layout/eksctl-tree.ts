import type { KubeObject } from '../kube/object.ts'
import { stringifyYaml } from '../kube/yaml/index.ts'
import { sluiceMark } from './components.ts'
import { kustomizationFile } from './kustomization.ts'
import { fleetFolder, join } from './paths.ts'

/** Where the files of an eksctl cluster stand. */
export interface EksctlPaths {
  /** The ClusterConfig: read by Sluice and eksctl, applied by nobody. */
  readonly config: string
  /** Folder that the engine applies. */
  readonly folder: string
  readonly kustomization: string
  /** The definition of the kind EksctlCluster. */
  readonly crd: string
  /** The EksctlCluster. */
  readonly object: string
}

/**
 * Paths of `eksctl/<cluster>.yaml` and `<path>/eksctl-system/…`. No API server knows the kind ClusterConfig, and a file of it
 * in the synced folder breaks the whole sync: it stands beside that folder. Where the synced folder is the root and there is
 * no beside, it stands in `eksctl-system`, whose kustomization.yaml does not list it.
 */
export function eksctlPaths(path: string, cluster: string): EksctlPaths {
  const root = fleetFolder(path)
  const folder = join(root, 'eksctl-system')
  const beside = root !== '' && root !== 'eksctl'
  return {
    config: beside ? `eksctl/${fileName(cluster)}.yaml` : `${folder}/cluster-config.yaml`,
    folder,
    kustomization: `${folder}/kustomization.yaml`,
    crd: `${folder}/crd.yaml`,
    object: `${folder}/cluster.yaml`,
  }
}

/** What the files of an eksctl cluster are made from. */
export interface EksctlTreeInput {
  readonly path: string
  readonly cluster: string
  /** The text of the ClusterConfig. */
  readonly config: string
  readonly crd: KubeObject
  readonly object: KubeObject
}

/** The files of an eksctl cluster, by path. */
export function eksctlFiles(input: EksctlTreeInput): Map<string, string> {
  const paths = eksctlPaths(input.path, input.cluster)
  return new Map([
    [paths.config, input.config],
    [paths.kustomization, kustomizationFile(['crd.yaml', 'cluster.yaml'])],
    [paths.crd, `${sluiceMark}\n---\n${stringifyYaml(input.crd)}`],
    [paths.object, stringifyYaml(input.object)],
  ])
}

/** A cluster's name as a file name; EKS takes letters, digits, `-` and `_` only. */
function fileName(cluster: string): string {
  return cluster.replaceAll(/[^A-Za-z0-9_-]/g, '-')
}
