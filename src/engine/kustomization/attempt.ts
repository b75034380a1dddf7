import { formatDuration } from '../../base/duration.ts'
import { type ObjectRef, parseApiVersion, refKey } from '../../kube/identity.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { apply, changeLog } from '../apply/apply.ts'
import { allowEmptyAnnotation, kustomizationStatusManager } from '../contract.ts'
import type { ObjectChange } from '../events.ts'
import { StepFailure } from '../failure.ts'
import { unhealthy } from '../health/await-health.ts'
import { adoptIgnored } from '../ignore/adopt.ts'
import type { WorkContext } from '../queue/work-queue.ts'
import type { Target } from '../remote/target.ts'
import { writeStatus } from '../status/write-status.ts'
import { Announcement } from './announcement.ts'
import { checkHealth } from './check-health.ts'
import { collectGarbage } from './collect-garbage.ts'
import type { KustomizationContext, KustomizationReason } from './context.ts'
import {
  type InventoryEntry,
  inventoryEntry,
  mergeInventories,
  parseInventoryEntry,
  staleEntries,
} from './inventory.ts'
import type { Memory } from './memory.ts'
import { actingClient, type Preparation, runBuild } from './plan.ts'
import { guardPrune } from './prune-guard.ts'
import { inventoryOf, type Status } from './status.ts'
import { failedStatus } from './status-failed.ts'
import { succeeded, succeededStatus } from './status-succeeded.ts'
import { applyingStatus, checkingStatus, type Work } from './status-working.ts'

/** One try at bringing the cluster to a revision: what it has found out so far, for the status whatever happens. */
export class Attempt {
  readonly #context: KustomizationContext
  readonly #memory: Memory
  readonly #work: WorkContext<KustomizationReason>
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

  constructor(
    context: KustomizationContext,
    object: Kustomization,
    memory: Memory,
    work: WorkContext<KustomizationReason>,
  ) {
    this.#context = context
    this.object = object
    this.#memory = memory
    this.#work = work
    this.#started = context.engine.clock.monotonic()
    this.#announcement = new Announcement(context.engine.clock)
  }

  /** The cluster that the objects are in. */
  get #target(): Target {
    return this.#memory.target ?? this.#context.engine
  }

  get tookMs(): number {
    return this.#context.engine.clock.monotonic() - this.#started
  }

  /** Whether the watches show every applied object as it was applied. */
  clusterAgrees(): boolean {
    const { live } = this.#target
    for (const entry of inventoryOf(this.object)) {
      const ref = parseInventoryEntry(entry)
      const proof = ref && this.#memory.proofs.get(refKey(ref))
      if (ref === undefined || proof === undefined || !live.agrees(ref, proof)) return false
    }
    return true
  }

  /**
   * Nothing changed for this Kustomization. The same revision costs no call at all; a new one that does not concern it
   * costs one status write, because dependents and people read `lastAppliedRevision`, and no Event.
   */
  async confirm({ revision, digest }: Preparation['source']): Promise<void> {
    const { applied } = this.#memory
    if (applied === undefined || this.object.status?.lastAppliedRevision === revision) return
    this.revision = revision
    this.digest = applied.digest
    await this.#succeed(revision, inventoryOf(this.object), undefined, undefined, [], true)
    this.#memory.applied = { ...applied, revision, artifact: digest }
  }

  /** Builds, applies, prunes and checks health. `superseded`: newer work for the object ended it. */
  async apply(prepared: Preparation, verify: boolean): Promise<'done' | 'superseded'> {
    try {
      return await this.#apply(prepared, verify)
    } finally {
      await this.#announcement.end()
    }
  }

  async #apply(prepared: Preparation, verify: boolean): Promise<'done' | 'superseded'> {
    const { engine } = this.#context
    const { object } = this
    const { revision } = prepared.source
    const client = actingClient(prepared)
    this.revision = revision
    this.attempted = true
    const build = await runBuild(object, prepared)
    this.digest = build.digest
    const before = inventoryOf(object)
    const wanted = mergeInventories(build.objects.map(item => inventoryEntry(itemRef(item))))
    guardPrune({
      prune: object.spec.prune,
      allowed: object.metadata.annotations?.[allowEmptyAnnotation] === 'true',
      sameGeneration: object.status?.observedGeneration === object.metadata.generation,
      before,
      after: wanted,
    })
    const checks = object.spec.wait || (object.spec.healthChecks?.length ?? 0) > 0
    const changes: ObjectChange[] = []
    this.#memory.applying = true
    const outcome = await apply(
      {
        client,
        identity: prepared.user ?? '',
        live: this.#target.live,
        clock: engine.clock,
        objects: await adoptIgnored(client, build.objects, prepared.ignore, this.#work.signal),
        proofs: this.#memory.proofs,
        verify,
        force: object.spec.force === true,
        signal: this.#work.signal,
        beforeWriting: () => this.#announceWork(this.#workOn(prepared), mergeInventories(before, wanted), checks),
        park: work => this.#work.park(work),
      },
      changes,
    ).finally(() => {
      this.#memory.applying = false
      this.#tellChanges(changes)
    })
    // Cluster-scoped objects lose a stray namespace on the way, so the inventory is made of what was really applied.
    const applied = mergeInventories(outcome.changes.map(change => inventoryEntry(change.ref)))
    this.#memory.proofs = outcome.proofs
    this.#context.proven()
    this.#memory.unhealthy = undefined
    this.#memory.applied = { inputs: build.inputs, revision, artifact: prepared.source.digest, digest: build.digest }
    await this.#prune(prepared, before, applied)
    this.#recheckDrift()
    const health = checks ? await this.#checkHealth(prepared, outcome.changes) : undefined
    if (checks && health === undefined) return 'superseded'
    await this.#succeed(revision, this.inventory ?? applied, health, prepared.timing.intervalMs, changes)
    return 'done'
  }

  /** After a failed health check: whether all is healthy meanwhile. Nothing is waited for, and nothing is said if not. */
  async recheck(prepared: Preparation): Promise<void> {
    const { unhealthy: refs, applied } = this.#memory
    if (refs === undefined || applied === undefined) return
    const { engine } = this.#context
    const { live, watches } = this.#target
    const input = { live, watches, clock: engine.clock, refs, rules: prepared.rules }
    if (unhealthy(input).length > 0) return
    this.revision = applied.revision
    this.digest = applied.digest
    await this.#succeed(applied.revision, inventoryOf(this.object), 'Health check passed after a failure')
    this.#memory.unhealthy = undefined
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

  /** Changes that the watch showed while we applied were not looked at: ours could not be told from others' then. */
  #recheckDrift(): void {
    for (const [key, proof] of this.#memory.proofs) {
      if (!this.#target.live.agreesByKey(key, proof)) return this.#context.drifted(this.object)
    }
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

  #tellChanges(changes: readonly ObjectChange[]): void {
    const log = changeLog(changes)
    if (log === '') return
    const drift = this.#work.reasons.has('drift') && this.#work.reasons.size === 1
    this.tell('info', drift ? 'DriftCorrected' : 'Progressing', log, changes)
  }

  /**
   * Before the first change of the cluster, writes down what may be applied, and takes back what the status claims. When
   * every object is written down already, that is said only if the work takes its time.
   */
  async #announceWork(work: Work, inventory: readonly InventoryEntry[], checks: boolean): Promise<void> {
    this.inventory = inventory
    const status = (): Status | undefined => applyingStatus(this.object, work, inventory, checks)
    if (staleEntries(inventory, inventoryOf(this.object)).length > 0) return this.#announce(status)
    this.#announceLater(status)
  }

  #announceLater(status: () => Status | undefined): void {
    this.#memory.quietSince ??= this.#context.engine.clock.monotonic()
    this.#announcement.later(this.#memory.quietSince, () => this.#announce(status))
  }

  async #announce(status: () => Status | undefined): Promise<void> {
    const next = status()
    if (next !== undefined) await this.#put(next)
  }

  async #prune(
    prepared: Preparation,
    before: readonly InventoryEntry[],
    applied: readonly InventoryEntry[],
  ): Promise<void> {
    const stale = this.object.spec.prune ? staleEntries(before, applied) : []
    this.inventory = applied
    if (stale.length === 0) return
    const { changes, kept, failures } = await collectGarbage({
      context: this.#context,
      object: this.object,
      client: actingClient(prepared),
      live: this.#target.live,
      source: prepared.source,
      stale,
      signal: this.#work.signal,
      onMoved: (id, owner) => this.tell('info', 'ObjectMoved', `${id} is left to Kustomization/${owner}`),
    })
    this.#tellChanges(changes)
    if (failures.length === 0) return
    this.inventory = mergeInventories(applied, kept)
    throw new StepFailure('PruneFailed', failures.join('\n'))
  }

  /** Waits for health; the message for the condition, or undefined when newer work ended the wait. */
  async #checkHealth(prepared: Preparation, changes: readonly ObjectChange[]): Promise<string | undefined> {
    return checkHealth({
      context: this.#context,
      object: this.object,
      memory: this.#memory,
      work: this.#work,
      prepared,
      changes,
      announce: () => this.#announceLater(() => checkingStatus(this.object, this.#workOn(prepared), this.inventory)),
    })
  }

  #workOn({ source, timing }: Preparation): Work {
    return { revision: source.revision, timeoutMs: timing.timeoutMs, now: () => this.#context.engine.clock.now() }
  }

  async #succeed(
    revision: string,
    inventory: readonly InventoryEntry[],
    health: string | undefined,
    intervalMs?: number,
    changes: readonly ObjectChange[] = [],
    uneventful = false,
  ): Promise<void> {
    const { status, isNews } = succeededStatus(this.object, {
      revision,
      digest: this.digest ?? '',
      inventory,
      health,
      changes,
      at: this.#context.engine.clock.now(),
      tookMs: this.tookMs,
    })
    await this.#write(status)
    this.#memory.checking = undefined
    if (isNews) {
      const run = intervalMs === undefined ? '' : `, next run in ${formatDuration(intervalMs)}`
      const took = formatDuration(Math.round(this.tookMs))
      this.tell('info', succeeded, `Reconciliation finished in ${took}${run}`, undefined, uneventful)
    }
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

function itemRef(object: {
  apiVersion: string
  kind: string
  metadata: { name?: string; namespace?: string }
}): ObjectRef {
  const { name = '', namespace = '' } = object.metadata
  return { ...parseApiVersion(object.apiVersion), kind: object.kind, name, namespace }
}
