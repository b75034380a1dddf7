import type { ObjectRef } from '../../kube/identity.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { EngineContext } from '../context.ts'
import type { Pace } from '../queue/pace.ts'
import type { Sources } from '../source/sources.ts'
import type { ReadVariables } from './variables.ts'

/** What the reconcile of Kustomizations needs beside the engine itself. */
export interface KustomizationContext {
  readonly engine: EngineContext
  readonly sources: Sources
  /** In whose turn statuses say that work is going on. */
  readonly announcements: Pace
  readonly findKustomization: (namespace: string, name: string) => Kustomization | undefined
  readonly listKustomizations: () => readonly Kustomization[]
  /** Reads variables for a Kustomization; what it reads is watched for it from then on. */
  readonly readVariables: (object: Kustomization) => ReadVariables
  /** An object in a namespace that does not belong to the Kustomization, by what the engine knows. */
  readonly foreignIn: (namespace: string, owner: Kustomization) => ObjectRef | undefined
  /** Asks for another look because the cluster shows something else than was applied. */
  readonly drifted: (object: Kustomization) => void
  /** Whether Kustomizations that something has changed for are in work, or wait for health. */
  readonly isUrgent: () => boolean
  /** Whether others depend on a Kustomization. */
  readonly hasDependents: (object: Kustomization) => boolean
  /** Says that proofs in a memory changed. */
  readonly proven: () => void
  /** Takes in a newer reading of a Kustomization than the watch has shown. */
  readonly remember: (object: Kustomization) => void
}

/** Why a Kustomization is looked at. */
export type KustomizationReason =
  | 'spec'
  | 'requested'
  | 'source'
  | 'dependency'
  | 'input'
  | 'drift'
  | 'health'
  | 'kind'
  | 'interval'
