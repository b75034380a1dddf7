import type { KubeObject } from '../kube/object.ts'
import { componentObjects, syncObjects } from '../layout/index.ts'
import { embeddedComponents, syncIntervals } from './desired-files.ts'
import { syncUrl } from './sync-credential.ts'
import type { BootstrapContext, RunState } from './types.ts'

/** What makes a cluster follow the repository, in the order in which it is applied; the credential goes between the two. */
export interface EngineObjects {
  /** Namespace and CRDs: they must be there before the rest. */
  readonly first: readonly KubeObject[]
  /** GitRepository and Kustomization. */
  readonly sync: readonly KubeObject[]
}

export function engineObjects(context: BootstrapContext, { kept }: Pick<RunState, 'kept'>): EngineObjects {
  const { fleet } = context
  return {
    // Real Flux manages its own components.
    first: kept?.fluxComponents ? [] : componentObjects(fleet.namespace, embeddedComponents()),
    sync: syncObjects({
      systemNamespace: fleet.namespace,
      url: syncUrl(context),
      branch: fleet.branch,
      clusterConfigPath: fleet.path,
      ...syncIntervals(fleet, kept),
    }),
  }
}
