import { isObject } from '../base/json.ts'

/**
 * What the engine may change beside its own kinds.
 *
 * - `fleet`: what bootstrap commits: cluster specs, Flux's objects, and the engine itself. More is given by name, with a
 *   binding for the service account `sluice-engine`.
 * - `cluster-admin`: everything, as Flux's controllers may (`cluster-reconciler`).
 */
export type EngineRights = 'fleet' | 'cluster-admin'

/** What a person chooses of an engine in a cluster. Everything that is absent has the value that is told. */
export interface EngineSettings {
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

const settingsLine = '# Settings: '

/** The line of `gotk-components.yaml` that says what was chosen, so that the next bootstrap need not be told again. */
export function engineSettingsLine(settings: EngineSettings): string {
  const chosen = Object.fromEntries(
    settingNames.flatMap(name => (settings[name] === undefined ? [] : [[name, settings[name]]])),
  )
  return settingsLine + JSON.stringify(chosen)
}

/** What was chosen for the engine of a `gotk-components.yaml`; undefined when it runs no engine in the cluster. */
export function readEngineSettings(components: string | undefined): EngineSettings | undefined {
  const line = components
    ?.slice(0, 4000)
    .split('\n')
    .find(one => one.startsWith(settingsLine))
  if (line === undefined) return undefined
  try {
    const found: unknown = JSON.parse(line.slice(settingsLine.length))
    if (!isObject(found) || typeof found['image'] !== 'string') return undefined
    return Object.fromEntries(
      settingNames.flatMap(name => (name in found ? [[name, found[name]]] : [])),
    ) as unknown as EngineSettings
  } catch {
    return undefined
  }
}

const settingNames = [
  'image',
  'imagePullSecret',
  'replicas',
  'rights',
  'tenantNamespaces',
  'defaultServiceAccount',
  'crossNamespaceRefs',
  'networkPolicy',
  'tolerationKeys',
  'clusterDomain',
  'logLevel',
  'dataSize',
  'dataStorageClass',
  'resources',
  'secretName',
] as const satisfies readonly (keyof EngineSettings)[]
