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
import { checkHealth } from './check-health.ts'
import type { KustomizationContext, KustomizationReason } from './context.ts'
import { withResult } from './history.ts'
import {
  type InventoryEntry,
  inventoryEntry,
  mergeInventories,
  parseInventoryEntry,
  staleEntries,
} from './inventory.ts'
import type { Memory } from './memory.ts'
import { newOwners } from './moves.ts'
import { actingClient, type Preparation, runBuild } from './plan.ts'
import { prune } from './prune.ts'
import { guardPrune } from './prune-guard.ts'
import { conditionsOf, handledRequest, inventoryOf, type Status, withConditions } from './status.ts'

/** One try at bringing the cluster to a revision: what it has found out so far, for the status whatever happens. */
export class Attempt {
  readonly #context: KustomizationContext
  readonly #memory: Memory
  readonly #work: WorkContext<KustomizationReason>
  readonly #started: number
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
   * costs one status write, because dependents and people read `lastAppliedRevision`.
   */
  async confirm(revision: string): Promise<void> {
    const { applied } = this.#memory
    if (applied === undefined || this.object.status?.lastAppliedRevision === revision) return
    this.revision = revision
    this.digest = applied.digest
    await this.#succeed(revision, inventoryOf(this.object), undefined)
    this.#memory.applied = { ...applied, revision }
  }

  /** Builds, applies, prunes and checks health. `superseded`: newer work for the object ended it. */
  async apply(prepared: Preparation, verify: boolean): Promise<'done' | 'superseded'> {
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
        live: this.#target.live,
        clock: engine.clock,
        objects: await adoptIgnored(client, build.objects, prepared.ignore, this.#work.signal),
        proofs: this.#memory.proofs,
        verify,
        force: object.spec.force === true,
        signal: this.#work.signal,
        beforeWriting: () =>
          this.#announceWork(revision, mergeInventories(before, wanted), checks, prepared.timing.timeoutMs),
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
    this.#memory.applied = { inputs: build.inputs, revision, digest: build.digest }
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

  /** Changes that the watch showed while we applied were not looked at: ours could not be told from others' then. */
  #recheckDrift(): void {
    for (const [key, proof] of this.#memory.proofs) {
      if (!this.#target.live.agreesByKey(key, proof)) return this.#context.drifted(this.object)
    }
  }

  /** Emits an event about the Kustomization. */
  tell(severity: 'info' | 'error', reason: string, message: string, changes?: readonly ObjectChange[]): void {
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
   * The status right before the first change of the cluster: it no longer claims to be ready for anything, and its
   * inventory already holds whatever may be applied now, so that nothing can be lost by a crash.
   */
  async #announceWork(
    revision: string,
    inventory: readonly InventoryEntry[],
    checks: boolean,
    timeoutMs: number,
  ): Promise<void> {
    this.inventory = inventory
    const conditions = conditionsOf(this.object, () => this.#context.engine.clock.now())
    const ready = conditions.get('Ready')?.status
    const { lastAppliedRevision, observedGeneration } = this.object.status ?? {}
    const known = staleEntries(inventory, inventoryOf(this.object)).length === 0
    // Putting back what drifted is no new claim, and a status that claims nothing need not take anything back.
    const putsBack =
      ready === 'True' && lastAppliedRevision === revision && observedGeneration === this.object.metadata.generation
    if (known && (putsBack || ((ready === undefined || ready === 'Unknown') && !checks))) return
    const limit = `for revision ${revision} with a timeout of ${formatDuration(timeoutMs)}`
    conditions.set('Ready', 'Unknown', 'Progressing', 'Reconciliation in progress')
    conditions.set(
      'Reconciling',
      'True',
      'Progressing',
      checks ? `Running health checks ${limit}` : `Applying ${limit}`,
    )
    conditions.remove('Stalled')
    if (checks) conditions.set('Healthy', 'Unknown', 'Progressing', `Running health checks ${limit}`)
    else conditions.remove('Healthy')
    await this.#write({
      ...withConditions(this.object.status, conditions),
      inventory: { entries: [...inventory] },
      lastAttemptedRevision: revision,
    })
  }

  async #prune(
    prepared: Preparation,
    before: readonly InventoryEntry[],
    applied: readonly InventoryEntry[],
  ): Promise<void> {
    const stale = this.object.spec.prune ? staleEntries(before, applied) : []
    this.inventory = applied
    if (stale.length === 0) return
    const { foreignIn } = this.#context
    const { namespace = '', name = '' } = this.object.metadata
    const moved = await newOwners(this.#context, this.object, prepared.source, stale)
    for (const [id, owner] of moved) this.tell('info', 'ObjectMoved', `${id} is left to Kustomization/${owner}`)
    const { changes, kept, failures } = await prune({
      client: actingClient(prepared),
      live: this.#target.live,
      owner: { namespace, name },
      entries: stale.filter(({ id }) => !moved.has(id)),
      foreignIn: target => foreignIn(target, this.object),
      signal: this.#work.signal,
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
      announce: () => this.#announceCheck(prepared),
    })
  }

  /** Says that health is waited for, unless the status says so already. */
  async #announceCheck(prepared: Preparation): Promise<void> {
    const conditions = conditionsOf(this.object, () => this.#context.engine.clock.now())
    const limit = `for revision ${prepared.source.revision} with a timeout of ${formatDuration(prepared.timing.timeoutMs)}`
    const message = `Running health checks ${limit}`
    if (conditions.get('Healthy')?.message === message) return
    conditions.set('Ready', 'Unknown', 'Progressing', 'Reconciliation in progress')
    conditions.set('Reconciling', 'True', 'Progressing', message)
    conditions.set('Healthy', 'Unknown', 'Progressing', message)
    await this.#write({
      ...withConditions(this.object.status, conditions),
      lastAttemptedRevision: prepared.source.revision,
      ...(this.inventory === undefined ? {} : { inventory: { entries: [...this.inventory] } }),
    })
  }

  async #succeed(
    revision: string,
    inventory: readonly InventoryEntry[],
    health: string | undefined,
    intervalMs?: number,
    changes: readonly ObjectChange[] = [],
  ): Promise<void> {
    const { engine } = this.#context
    const { object } = this
    const now = engine.clock.now()
    const conditions = conditionsOf(object, () => now)
    const recovered = conditions.get('Ready')?.status === 'False'
    const moved = object.status?.lastAppliedRevision !== revision
    const changed = changes.filter(({ action }) => action !== 'unchanged' && action !== 'skipped').length
    conditions.set('Ready', 'True', succeeded, `Applied revision: ${revision}`)
    conditions.remove('Reconciling', 'Stalled')
    const news = moved || changed > 0 || !conditions.isTrue('Healthy')
    if (health !== undefined && news) conditions.set('Healthy', 'True', 'Succeeded', health)
    else if (health === undefined && !object.spec.wait && (object.spec.healthChecks?.length ?? 0) === 0)
      conditions.remove('Healthy')
    // A look that found everything as it was (after a restart, say) is not worth a write.
    const last = object.status?.history?.[0]
    const repeated =
      !moved && !recovered && changed === 0 && last?.digest === this.digest && last?.lastReconciledStatus === succeeded
    const next: Status = {
      ...withConditions(object.status, conditions),
      ...handledRequest(object),
      inventory: { entries: [...inventory] },
      lastAppliedRevision: revision,
      lastAttemptedRevision: revision,
      observedGeneration: object.metadata.generation ?? 0,
    }
    if (!repeated) {
      next.history = withResult(object.status?.history, {
        digest: this.digest ?? '',
        status: succeeded,
        revision,
        at: now,
        durationMs: this.tookMs,
      })
    }
    await this.#write(next)
    this.#memory.checking = undefined
    if (moved || recovered) {
      const run = intervalMs === undefined ? '' : `, next run in ${formatDuration(intervalMs)}`
      const took = formatDuration(Math.round(this.tookMs))
      this.tell('info', succeeded, `Reconciliation finished in ${took}${run}`)
    }
  }

  async #write(status: Status): Promise<void> {
    this.object = await writeStatus(this.#context.engine.client, this.object, status, kustomizationStatusManager)
    this.#context.remember(this.object)
  }
}

const succeeded = 'ReconciliationSucceeded'

function itemRef(object: {
  apiVersion: string
  kind: string
  metadata: { name?: string; namespace?: string }
}): ObjectRef {
  const { name = '', namespace = '' } = object.metadata
  return { ...parseApiVersion(object.apiVersion), kind: object.kind, name, namespace }
}
