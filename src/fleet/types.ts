import type { Size } from '../specs/index.ts'

/** A cluster of the fleet as Git wants it and as it is. */
export interface ClusterRow {
  readonly namespace: string
  readonly name: string
  readonly role: 'management' | 'workload'
  readonly kubernetesVersion: string | undefined
  readonly groups: readonly NodeGroupRow[]
  /** Nodes that the spec in the cluster asks for, and those that are Ready. */
  readonly wanted: number
  readonly ready: number
  readonly health: 'Ready' | 'Moving' | 'Failed' | 'Unknown'
  /** Why it is not Ready, in the cluster's words. */
  readonly message: string | undefined
  /** Revision of Git that was applied last, `main@sha1:…`. */
  readonly revision: string | undefined
  readonly created: string | undefined
  readonly paused: boolean
}

export interface NodeGroupRow {
  readonly cluster: string
  readonly namespace: string
  /** `control-plane`, `etcd` or the name of a worker node group. */
  readonly name: string
  /** Count in the cluster's spec; undefined for a group that the autoscaler sizes without one. */
  readonly wanted: number | undefined
  readonly current: number
  readonly ready: number
  readonly autoscaling: { readonly min: number; readonly max: number } | undefined
  /** What Git says; undefined when it was not asked. */
  readonly git?: GitSize | undefined
  /** How what runs differs from Git, where that is known. */
  readonly drift?: string | undefined
}

/** The size of a group at the tip of the repository, and the commit since which it is so. */
export interface GitSize {
  readonly size: Size
  /** Undefined, as all that follows, when the change is older than the history that is looked through. */
  readonly commit?: string
  readonly author?: string
  /** ISO 8601. */
  readonly date?: string
  readonly subject?: string
}

/** Name under which a cluster's control plane is scaled and shown. */
export const controlPlaneGroup = 'control-plane'
