import { formatDuration } from '../../base/duration.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { changeLog } from '../apply/apply.ts'
import { kustomizationStatusManager } from '../contract.ts'
import type { ObjectChange } from '../events.ts'
import type { StepFailure } from '../failure.ts'
import { writeStatus } from '../status/write-status.ts'
import { Announcement } from './announcement.ts'
import type { KustomizationContext } from './context.ts'
import { type InventoryEntry, staleEntries } from './inventory.ts'
import type { Memory } from './memory.ts'
import { inventoryOf, type Status } from './status.ts'
import { failedStatus } from './status-failed.ts'
import { type Success, succeeded, succeededStatus } from './status-succeeded.ts'
import { applyingStatus, checkingStatus, type Work } from './status-working.ts'

/** What an attempt at a Kustomization has found out so far, and how it is said: statuses and events. */
export class Report {
  readonly #context: KustomizationContext
  readonly #memory: Memory
  readonly #started: number
  readonly #announcement: Announcement
  /** The newest reading of the Kustomization. */
  object: Kustomization
  /** The revision that is worked on, once the source is known. */
  revision: string | undefined
  /** Whether the build was begun (`lastAttemptedRevision`). */
  attempted = false
  /** Digest of the build. */
  digest: string | undefined
  /** The inventory as it is now; undefined while nothing was changed. */
  inventory: readonly InventoryEntry[] | undefined

  constructor(context: KustomizationContext, object: Kustomization, memory: Memory) {
    this.#context = context
    this.object = object
    this.#memory = memory
    this.#started = context.engine.clock.monotonic()
    this.#announcement = new Announcement(context.engine.clock, context.announcements)
  }

  get tookMs(): number {
    return this.#context.engine.clock.monotonic() - this.#started
  }

  /**
   * Before the first change of the cluster, writes down what may be applied, and takes back what the status claims. When
   * every object is written down already, that is said only if the work takes its time.
   */
  async applying(work: Work, inventory: readonly InventoryEntry[], checks: boolean): Promise<void> {
    this.inventory = inventory
    const status = (): Status | undefined => applyingStatus(this.object, work, inventory, checks)
    if (staleEntries(inventory, inventoryOf(this.object)).length > 0) return this.#announce(status)
    this.#announceLater(status)
  }

  /** Says that health is waited for, if that takes its time. */
  checking(work: Work): void {
    this.#announceLater(() => checkingStatus(this.object, work, this.inventory))
  }

  /** Nothing more is announced; what was being said has been said. */
  quiet(): Promise<void> {
    return this.#announcement.end()
  }

  /** Writes that the revision stands, and says so where that is news. */
  async succeed(
    result: Pick<Success, 'revision' | 'inventory' | 'health' | 'changes'>,
    options: { readonly intervalMs?: number; readonly uneventful?: boolean } = {},
  ): Promise<void> {
    const { status, isNews } = succeededStatus(this.object, {
      ...result,
      digest: this.digest ?? '',
      at: this.#context.engine.clock.now(),
      tookMs: this.tookMs,
    })
    await this.#write(status)
    this.#memory.checking = undefined
    if (!isNews) return
    const run = options.intervalMs === undefined ? '' : `, next run in ${formatDuration(options.intervalMs)}`
    const took = formatDuration(Math.round(this.tookMs))
    this.tell('info', succeeded, `Reconciliation finished in ${took}${run}`, undefined, options.uneventful)
  }

  /** Writes why the attempt failed. */
  async fail(failure: StepFailure): Promise<void> {
    const { status, isNews } = failedStatus(this.object, {
      failure,
      revision: this.revision,
      attempted: this.attempted,
      digest: this.digest,
      inventory: this.inventory,
      at: this.#context.engine.clock.now(),
      tookMs: this.tookMs,
    })
    await this.#write(status)
    if (isNews) this.tell('error', failure.reason, failure.message)
  }

  /** Emits the events of what was changed. */
  tellChanges(changes: readonly ObjectChange[], drift: boolean): void {
    const log = changeLog(changes)
    if (log !== '') this.tell('info', drift ? 'DriftCorrected' : 'Progressing', log, changes)
  }

  /** Emits an event about the Kustomization. */
  tell(
    severity: 'info' | 'error',
    reason: string,
    message: string,
    changes?: readonly ObjectChange[],
    uneventful = false,
  ): void {
    const { engine } = this.#context
    const { namespace = '', name = '' } = this.object.metadata
    engine.emit(
      {
        time: engine.clock.now(),
        severity,
        about: { kind: 'Kustomization', namespace, name },
        reason,
        message,
        durationMs: this.tookMs,
        ...(this.revision === undefined ? {} : { revision: this.revision }),
        ...(changes === undefined ? {} : { changes }),
        ...(uneventful ? { uneventful } : {}),
      },
      this.object,
    )
  }

  #announceLater(status: () => Status | undefined): void {
    this.#memory.quietSince ??= this.#context.engine.clock.monotonic()
    this.#announcement.later(this.#memory.quietSince, () => this.#announce(status))
  }

  async #announce(status: () => Status | undefined): Promise<void> {
    const next = status()
    if (next !== undefined) await this.#put(next)
  }

  /** Writes how it ended. */
  async #write(status: Status): Promise<void> {
    await this.#announcement.end()
    await this.#put(status)
  }

  async #put(status: Status): Promise<void> {
    this.#memory.quietSince = undefined
    this.object = await writeStatus(this.#context.engine.client, this.object, status, kustomizationStatusManager)
    this.#context.remember(this.object)
  }
}
