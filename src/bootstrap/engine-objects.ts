import type { KubeObject } from '../kube/object.ts'
import { componentObjects, syncObjects } from '../layout/index.ts'
import { embeddedComponents } from './desired-files.ts'
import { syncUrl } from './sync-credential.ts'
import type { BootstrapContext } from './types.ts'

/** What makes a cluster follow the repository, in the order in which it is applied; the credential goes between the two. */
export interface EngineObjects {
  /** Namespace and CRDs: they must be there before the rest. */
  readonly first: readonly KubeObject[]
  /** GitRepository and Kustomization. */
  readonly sync: readonly KubeObject[]
}

export function engineObjects(context: BootstrapContext): EngineObjects {
  const { fleet } = context
  return {
    first: componentObjects(fleet.namespace, embeddedComponents()),
    sync: syncObjects({
      systemNamespace: fleet.namespace,
      url: syncUrl(context),
      branch: fleet.branch,
      clusterConfigPath: fleet.path,
      ...(fleet.interval === undefined ? {} : { sourceInterval: fleet.interval }),
    }),
  }
}
