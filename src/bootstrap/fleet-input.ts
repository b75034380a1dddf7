/** One cluster of the fleet that is bootstrapped. */
export interface FleetCluster {
  readonly name: string
  readonly namespace: string
  readonly management: boolean
  /** Text of its eksa-cluster.yaml. */
  readonly clusterFile: string
  /** The file that it was read from, for messages. */
  readonly source: string
}

/** A fleet: a repository, a branch and a path, and the clusters to put there. Defaults are filled in. */
export interface Fleet {
  readonly owner: string
  /** Whether the owner is the token's own user. */
  readonly personal: boolean
  readonly repository: string
  readonly branch: string
  /** Folder in the repository, `clusters/<management>` unless the spec says otherwise. */
  readonly path: string
  /** Namespace of the engine's objects. */
  readonly namespace: string
  /** Name of the management cluster, whether or not its spec is among the clusters. */
  readonly management: string
  readonly clusters: readonly FleetCluster[]
  readonly warnings: readonly string[]
}
