import type { ObjectRef } from '../kube/identity.ts'
import type { SourceKindName } from './source/sources.ts'

/** What was done to one object. */
export type ObjectAction = 'created' | 'configured' | 'unchanged' | 'skipped' | 'deleted'

export interface ObjectChange {
  readonly ref: ObjectRef
  readonly action: ObjectAction
}

/** Something that happened, for people who follow along. */
export interface EngineEvent {
  readonly time: Date
  readonly severity: 'info' | 'error'
  /** The object that it happened to: a source, a Kustomization, a HelmRelease, …; a Lease is the engine's own. */
  readonly about: {
    readonly kind: SourceKindName | 'Kustomization' | 'HelmRelease' | 'Alert' | 'Provider' | 'Receiver' | 'Lease'
    readonly namespace: string
    readonly name: string
  }
  /**
   * A condition reason of Flux, or `NewArtifact`, `ArtifactVerificationFailed`, `HistoryRewritten`, `DriftCorrected`,
   * `DriftContested`, `ObjectMoved`, `PruneRefused`, `UnsupportedField`, `CredentialExpiring`, `CredentialExpired`,
   * `LeaderElected`, `LeaderLost`.
   */
  readonly reason: string
  readonly message: string
  /** The revision that it is about. */
  readonly revision?: string
  /** Further facts, as annotations below the API group of the object and for notifications: `token`, `originRevision`, … */
  readonly metadata?: Readonly<Record<string, string>>
  /** Objects created, configured or deleted. */
  readonly changes?: readonly ObjectChange[]
  /**
   * Nothing was done but to say so: whoever follows and notifications are told, and no Event is written to the cluster.
   * Of a commit that touches one path of a thousand, that is 999 Events that nobody looks for.
   */
  readonly uneventful?: true
  /** How long the work took, in milliseconds. */
  readonly durationMs?: number
}

/** Takes each event; it must not throw and is called in order. */
export type EventSink = (event: EngineEvent) => void
