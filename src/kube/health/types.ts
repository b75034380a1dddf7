/** The states of kstatus (`sigs.k8s.io/cli-utils`), which Flux, kubectl-apply tools and people know. */
export type HealthStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown'

/** How an object is, and why. */
export interface Health {
  readonly status: HealthStatus
  /** A CamelCase word; '' when there is nothing to say. */
  readonly reason: string
  readonly message: string
}

export interface HealthOptions {
  /**
   * `kstatus` (the default) takes a running Job for Current; `flux` waits until it has completed, as
   * kustomize-controller does.
   */
  readonly jobs?: 'kstatus' | 'flux'
  /** The time by which a Pod that cannot be scheduled is judged; now when absent. */
  readonly now?: Date
}
