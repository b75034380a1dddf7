import type { KubeObject } from '../kube/object.ts'
import { componentObjects, fileOf } from './components.ts'
import { engineDeployment } from './engine-deployment.ts'
import { engineLabels, engineName } from './engine-names.ts'
import { engineNetwork } from './engine-network.ts'
import { engineRights } from './engine-rights.ts'

/**
 * What the engine may change beside its own kinds.
 *
 * - `fleet`: what bootstrap commits: cluster specs, Flux's objects, and the engine itself. More is given by name, with a
 *   binding for the service account `sluice-engine`.
 * - `cluster-admin`: everything, as Flux's controllers may (`cluster-reconciler`).
 */
export type EngineRights = 'fleet' | 'cluster-admin'

/** How the engine runs in a cluster. Everything that is absent has the value that is told. */
export interface EngineComponentsOptions {
  /** Namespace of the engine and of the fleet's objects. */
  readonly systemNamespace: string
  /** Version of Sluice, without a `v`. */
  readonly version: string
  /** CustomResourceDefinitions of the kinds that the engine serves. */
  readonly crds: readonly KubeObject[]
  /** The engine's image, e.g. `registry.example.com/sluice:0.1.0`, best with a digest (`…@sha256:…`). */
  readonly image: string
  /** Secret of the namespace with the credential of the registry; none when absent. */
  readonly imagePullSecret?: string
  /** One acts, the others take over; 2 when absent. */
  readonly replicas?: number
  /** What the engine may change; `fleet` when absent. */
  readonly rights?: EngineRights
  /**
   * Namespaces whose service accounts the engine may act as, for Kustomizations and HelmReleases of teams; none when
   * absent, every namespace's with `all`. A named namespace must exist before it can get its RoleBinding.
   */
  readonly tenantNamespaces?: readonly string[] | 'all'
  /** `--default-service-account` of the engine; `default` when absent, '' for the engine's own rights. */
  readonly defaultServiceAccount?: string
  /** Whether objects may refer to sources of other namespaces; false when absent. */
  readonly crossNamespaceRefs?: boolean
  /** Whether NetworkPolicies are written; true when absent. */
  readonly networkPolicy?: boolean
  /** Keys of taints that the engine tolerates, whatever their value and effect; none when absent. */
  readonly tolerationKeys?: readonly string[]
  /** DNS domain of the cluster, for the address of artifacts; `cluster.local` when absent. */
  readonly clusterDomain?: string
  /** Level of the log: `debug`, `info` or `error`; `info` when absent. */
  readonly logLevel?: 'debug' | 'info' | 'error'
  /** Space for mirrors of repositories and artifacts, as a Kubernetes quantity; `2Gi` when absent. */
  readonly dataSize?: string
  /**
   * Class of a volume that each Pod gets for its data; an `emptyDir` when absent. What is lost with it costs a fetch, so a
   * volume is worth it only where a node's disk is too small.
   */
  readonly dataStorageClass?: string
  /** Requests and limits of the container. */
  readonly resources?: EngineResources
  /** Secret with the credential of the fleet's repository, on which the engine notes what it told of its end. */
  readonly secretName?: string
}

/** Quantities of Kubernetes, by name of the resource. */
export interface EngineResources {
  readonly requests: Readonly<Record<string, string>>
  readonly limits: Readonly<Record<string, string>>
}

/**
 * The objects that run Sluice's engine in a cluster: what {@link componentObjects} makes for the embedded engine, and the
 * engine beside it. In an order in which they can be applied one after another.
 */
export function engineComponents(options: EngineComponentsOptions): readonly KubeObject[] {
  const { systemNamespace, version, crds } = options
  const labels = engineLabels(systemNamespace, version)
  const account: KubeObject = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { labels, name: engineName, namespace: systemNamespace },
  }
  return [
    ...componentObjects(systemNamespace, { version, crds }),
    account,
    ...engineRights(options, labels),
    ...engineNetwork(options, labels),
    ...engineDeployment(options, labels),
  ]
}

/** `gotk-components.yaml` for an engine in the cluster: from then on it looks after itself, as Flux does. */
export function engineComponentsFile(options: EngineComponentsOptions): string {
  const place = `The engine runs in the cluster: Deployment/${options.systemNamespace}/${engineName}.`
  return fileOf(engineComponents(options), options, place)
}
