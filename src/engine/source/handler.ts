import type { KubeObject } from '../../kube/object.ts'
import type { Artifact } from './artifact.ts'
import type { SourceContext } from './context.ts'
import type { SourceKindName, SourceObject } from './sources.ts'

/** Why a source is looked at. */
export type SourceReason = 'spec' | 'requested' | 'push' | 'lost' | 'interval' | 'source'

/** One look at a source. */
export interface SourceJob<T> {
  readonly context: SourceContext
  readonly object: T
  /** The artifact of the status, when it is whole on this machine. */
  readonly current: Artifact | undefined
  readonly reasons: ReadonlySet<SourceReason>
  /** Ends when the engine closes, or after `spec.timeout`. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** What a source stands at, and what its status says of it. */
export interface SourceOutcome {
  /** `current` itself when nothing is new. */
  readonly artifact: Artifact
  /** Reason and message of the conditions Ready and ArtifactInStorage. */
  readonly reason: string
  readonly message: string
  /** Message of the event that tells of a new artifact. */
  readonly news: string
  /** Reason of that event; `NewArtifact` when absent. */
  readonly newsReason?: string
  /** Message of the condition SourceVerified, when signatures are asked for. */
  readonly verified?: string | undefined
  /** Further fields of the status; those that are absent are taken off. */
  readonly observed?: Readonly<Record<string, unknown>>
  /** Something else to tell. */
  readonly extra?: { readonly reason: string; readonly message: string } | undefined
}

/** How one kind of source is brought up to date. */
export interface SourceHandler<T extends SourceObject = SourceObject> {
  readonly kind: SourceKindName
  /** Condition reason of failures that say no reason themselves. */
  readonly failureReason: string
  /** Objects that are only read, like a HelmRepository of type `oci`: no finalizer, no status, no reconcile. */
  isStatic?(object: T): boolean
  /** Another controller looks after the objects: they are read and never written. */
  readonly external?: boolean
  /** Fetches what the object asks for; `StepFailure` says why it cannot. */
  run(job: SourceJob<T>): Promise<SourceOutcome>
  /** Whether an artifact is on this machine and whole; the store is asked when absent. */
  check?(context: SourceContext, object: T, artifact: Artifact): Promise<'intact' | 'damaged' | 'missing'>
  /** The object is gone. */
  forget?(object: KubeObject): void
}
