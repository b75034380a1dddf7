import type { Clock } from '../../base/clock.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { ObjectChange } from '../events.ts'
import type { ApplyPolicy } from '../kustomization/owner.ts'
import type { LiveObject, LiveObjects } from '../live/live-objects.ts'

/**
 * That an object in the cluster agreed with what we wanted: it holds as long as we want the same and the cluster shows
 * the same. Both are digests, so a proof is small and holds no secret.
 */
export interface Proof {
  /** Digest of the object as we wanted it. */
  readonly payload: string
  /** Fingerprint of the object as the cluster had it then. */
  readonly fingerprint: string
  /** Version of the object then; older readings from a watch are ignored. */
  readonly resourceVersion: string | undefined
}

export interface ApplyInput {
  readonly client: KubeClient
  /** Whom the client acts as; '' is the engine itself. */
  readonly identity: string
  readonly live: LiveObjects
  readonly clock: Clock
  /** Objects as wanted, with owner labels. */
  readonly objects: readonly KubeObject[]
  /** What is known to agree, by `refKey`. */
  readonly proofs: ReadonlyMap<string, Proof>
  /** Ask the server about each object, whatever the proofs say. */
  readonly verify: boolean
  /** Make objects anew whose fields cannot be changed in place. */
  readonly force: boolean
  readonly signal: AbortSignal
  /** Called once, right before the first change of the cluster. */
  readonly beforeWriting: (refs: readonly ObjectRef[]) => Promise<void>
  /** Waits without holding a worker. */
  readonly park: <T>(work: () => Promise<T>) => Promise<T>
}

export interface ApplyOutcome {
  /** One per object, in order of application. */
  readonly changes: readonly ObjectChange[]
  readonly proofs: ReadonlyMap<string, Proof>
}

/** One object on its way through a stage. */
export interface Candidate {
  readonly desired: KubeObject
  readonly ref: ObjectRef
  readonly key: string
  readonly payload: string
  /** What the cluster holds, as far as the watch knows. */
  readonly live: LiveObject | undefined
  readonly policy: ApplyPolicy
}

/** What a dry run found out about a candidate. */
export type Verdict =
  /** Nothing to do; `live` is what the server has. */
  | { readonly kind: 'agrees'; readonly live: KubeObject }
  /** Not ours to change. */
  | { readonly kind: 'skip'; readonly live: KubeObject }
  | { readonly kind: 'create' }
  /** `cleanup`: fields of hand-made changes have to become ours first. */
  | { readonly kind: 'configure'; readonly cleanup: boolean }
  /** Only possible by deleting it first. */
  | { readonly kind: 'recreate' }
