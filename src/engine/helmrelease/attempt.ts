import type { KubeClient } from '../../kube/client/types.ts'
import type { Condition } from '../../kube/object.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { requestedAtAnnotation } from '../contract.ts'
import { StepFailure } from '../failure.ts'
import type { WorkContext } from '../queue/work-queue.ts'
import { Conditions } from '../status/conditions.ts'
import { writeStatus } from '../status/write-status.ts'
import type { Chart } from './chart/chart.ts'
import type { HelmReleaseContext, HelmReleaseReason } from './context.ts'
import { forceAtAnnotation, helmManager, resetAtAnnotation } from './contract.ts'
import { type Snapshot, sorted } from './history.ts'
import type { Memory } from './memory.ts'
import { releaseNameOf } from './settings.ts'
import type { StorageRef } from './storage/read.ts'
import type { Values } from './values/tables.ts'

export type Status = NonNullable<HelmRelease['status']>
type Mutable<T> = { -readonly [K in keyof T]?: T[K] | undefined }

/** What a release is to be: found out before anything is done. */
export interface Wanted {
  readonly chart: Chart
  readonly values: Values
  /** Digest of the values. */
  readonly config: string
  /** Client of the release's cluster, as the identity that it is released with. */
  readonly client: KubeClient
}

/** One try at bringing a release to what its object says: the status is worked on here and written as it goes. */
export class Attempt {
  readonly context: HelmReleaseContext
  readonly memory: Memory
  readonly work: WorkContext<HelmReleaseReason>
  /** The object with the status as it will be. */
  readonly object: HelmRelease
  readonly conditions: Conditions
  /** Requests that are acted on by this attempt. */
  readonly forced: boolean
  readonly reset: boolean
  #seen: HelmRelease

  constructor(context: HelmReleaseContext, found: HelmRelease, memory: Memory, work: WorkContext<HelmReleaseReason>) {
    this.context = context
    this.memory = memory
    this.work = work
    this.#seen = found
    this.object = { ...found, status: structuredClone(found.status ?? {}) as Status }
    this.conditions = new Conditions(
      found.status?.conditions as readonly Condition[] | undefined,
      found.metadata.generation ?? 0,
      () => context.engine.clock.now(),
    )
    this.reset = this.#takeRequest(resetAtAnnotation, 'lastHandledResetAt')
    this.forced = this.#takeRequest(forceAtAnnotation, 'lastHandledForceAt')
  }

  get status(): Mutable<Status> {
    return this.object.status as Mutable<Status>
  }

  get history(): Snapshot[] {
    return sorted(this.status.history)
  }

  set history(history: readonly Snapshot[]) {
    this.status.history = [...history]
  }

  /** The newest revision of the history. */
  get latest(): Snapshot | undefined {
    return this.history[0]
  }

  storage(client: KubeClient): StorageRef {
    return { client, namespace: this.status.storageNamespace ?? '', release: releaseNameOf(this.object) }
  }

  clearFailures(): void {
    for (const field of ['failures', 'installFailures', 'upgradeFailures'] as const) delete this.status[field]
  }

  countFailure(action?: 'install' | 'upgrade'): void {
    if (action === undefined) this.status.failures = (this.status.failures ?? 0) + 1
    else {
      const field = action === 'install' ? 'installFailures' : 'upgradeFailures'
      this.status[field] = (this.status[field] ?? 0) + 1
    }
  }

  /** Writes the status as far as it is. */
  async write(): Promise<void> {
    const conditions = this.conditions.list() as Status['conditions']
    const next = { ...this.status, observedGeneration: this.status.observedGeneration ?? -1, conditions }
    const { engine, remember } = this.context
    this.#seen = await writeStatus(engine.client, this.#seen, next, helmManager, this.work.signal)
    remember(this.#seen)
  }

  emit(severity: 'info' | 'error', reason: string, message: string, about?: Partial<Snapshot>): void {
    const { engine } = this.context
    const { namespace = '', name = '' } = this.object.metadata
    const metadata = {
      ...(about?.configDigest ? { token: about.configDigest } : {}),
      ...(about?.appVersion ? { 'app-version': about.appVersion } : {}),
      ...(about?.ociDigest ? { 'oci-digest': about.ociDigest } : {}),
    }
    engine.emit(
      {
        time: engine.clock.now(),
        severity,
        about: { kind: 'HelmRelease', namespace, name },
        reason,
        message,
        ...(about?.chartVersion ? { revision: about.chartVersion } : {}),
        metadata,
      },
      this.object,
    )
  }

  /** Notes a request as seen; it counts when it is new and made together with a new request for a reconcile. */
  #takeRequest(annotation: string, field: 'lastHandledForceAt' | 'lastHandledResetAt'): boolean {
    const { annotations = {} } = this.object.metadata
    const asked = annotations[annotation]
    if (asked === undefined || asked === this.status[field]) return false
    this.status[field] = asked
    const requested = annotations[requestedAtAnnotation]
    return asked === requested && requested !== this.status.lastHandledReconcileAt
  }
}

/** Ends an attempt: nothing can be done until something changes. */
export function terminal(reason: string, message: string): StepFailure {
  return new StepFailure(reason, message, { stalled: true })
}
