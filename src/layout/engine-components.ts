import type { KubeObject } from '../kube/object.ts'
import { componentObjects, fileOf } from './components.ts'
import { engineDeployment } from './engine-deployment.ts'
import { engineLabels, engineName } from './engine-names.ts'
import { engineNetwork } from './engine-network.ts'
import { engineRights } from './engine-rights.ts'
import { type EngineSettings, engineSettingsLine } from './engine-settings.ts'

/** How the engine runs in a cluster. */
export interface EngineComponentsOptions extends EngineSettings {
  /** Namespace of the engine and of the fleet's objects. */
  readonly systemNamespace: string
  /** Version of Sluice, without a `v`. */
  readonly version: string
  /** CustomResourceDefinitions of the kinds that the engine serves. */
  readonly crds: readonly KubeObject[]
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
  return fileOf(engineComponents(options), options, `${place}\n${engineSettingsLine(options)}`)
}
