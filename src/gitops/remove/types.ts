import type { FleetRepository } from '../../fleet/repository-remote.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { RunContext } from '../steps.ts'

export interface RemoveContext extends RunContext {
  readonly client: KubeClient
  /** Namespace, and name, of the two objects that follow Git. */
  readonly namespace: string
  /** The repository that is followed; undefined when nobody has a credential for its host. */
  readonly repository: FleetRepository | undefined
  /** Whether the repository is removed too, for good. */
  readonly deleteRepository: boolean
}

export interface RemoveState {
  readonly dryRun: boolean
  source?: KubeObject | undefined
  kustomization?: KubeObject | undefined
  secret?: KubeObject | undefined
  uids?: ReadonlyMap<string, string>
}
