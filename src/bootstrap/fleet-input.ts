import type { ForgeKind } from '../forges/types.ts'
import type { CommitAuthor } from '../git/types.ts'

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

/** A repository on a server that is known by its address alone: `FluxConfig.spec.git`. */
export interface PlainRepository {
  /** ssh:// or https://, without credentials. */
  readonly url: string
  /** Algorithm of the key that EKS Anywhere would make: `rsa`, `ecdsa` or `ed25519`. */
  readonly sshKeyAlgorithm?: string
}

/** A fleet: a repository, a branch and a path, and the clusters to put there. Defaults are filled in. */
export interface Fleet {
  readonly owner: string
  /** Whether the owner is the token's own user. */
  readonly personal: boolean
  readonly repository: string
  /** The address, where the spec gives one instead of owner and name; these are then what the address says. */
  readonly git?: PlainRepository
  readonly branch: string
  /** Folder in the repository, `clusters/<management>` unless the spec says otherwise. */
  readonly path: string
  /** Namespace of the engine's objects. */
  readonly namespace: string
  /** Name of the management cluster, whether or not its spec is among the clusters. */
  readonly management: string
  readonly clusters: readonly FleetCluster[]
  readonly warnings: readonly string[]
  /** Whether a repository that is made is private; true when absent. */
  readonly private?: boolean
  /** How often the source is looked at, in Go's form. */
  readonly interval?: string
  /** Kind of Git host that the spec names. */
  readonly provider?: ForgeKind
  /** What the spec says of keeping the token in the cluster. */
  readonly tokenAuth?: boolean
  /** The Git host that the spec names. */
  readonly host?: string
  /** The cluster that the spec names. */
  readonly access?: { readonly kubeconfig?: string; readonly context?: string }
  readonly author?: CommitAuthor
  /** Text at the end of the commit's message. */
  readonly commitAppendix?: string
  /** Flags of `flux install` that the spec has, in their text form. */
  readonly fluxFlags?: Readonly<Record<string, string>>
  /** The eksctl cluster that the fleet is for, instead of clusters of EKS Anywhere. */
  readonly eksctl?: {
    readonly cluster: string
    /** Text of the ClusterConfig. */
    readonly config: string
    readonly source: string
  }
}
