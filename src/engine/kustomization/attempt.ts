import { type ObjectRef, parseApiVersion, refKey } from '../../kube/identity.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { apply } from '../apply/apply.ts'
import { allowEmptyAnnotation } from '../contract.ts'
import type { ObjectChange } from '../events.ts'
import { StepFailure } from '../failure.ts'
import { unhealthy } from '../health/await-health.ts'
import { adoptIgnored } from '../ignore/adopt.ts'
import type { WorkContext } from '../queue/work-queue.ts'
import type { Target } from '../remote/target.ts'
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
import { Report } from './report.ts'
import { inventoryOf } from './status.ts'
import type { Work } from './status-working.ts'

/** One try at bringing the cluster to a revision. */
export class Attempt {
  readonly #context: KustomizationContext
  readonly #memory: Memory
  readonly #work: WorkContext<KustomizationReason>
  /** What it has found out so far, for the status whatever happens. */
  readonly report: Report

  constructor(
    context: KustomizationContext,
    object: Kustomization,
    memory: Memory,
    work: WorkContext<KustomizationReason>,
  ) {
    this.#context = context
    this.#memory = memory
    this.#work = work
    this.report = new Report(context, object, memory)
  }

  /** The cluster that the objects are in. */
  get #target(): Target {
    return this.#memory.target ?? this.#context.engine
  }

  /** Whether the watches show every applied object as it was applied. */
  clusterAgrees(): boolean {
    const { live } = this.#target
    for (const entry of inventoryOf(this.report.object)) {
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
    const { report } = this
    if (applied === undefined || report.object.status?.lastAppliedRevision === revision) return
    report.revision = revision
    report.digest = applied.digest
    const inventory = inventoryOf(report.object)
    await report.succeed({ revision, inventory, health: undefined, changes: [] }, { uneventful: true })
    this.#memory.applied = { ...applied, revision, artifact: digest }
  }

  /** Builds, applies, prunes and checks health. `superseded`: newer work for the object ended it. */
  async apply(prepared: Preparation, verify: boolean): Promise<'done' | 'superseded'> {
    try {
      return await this.#apply(prepared, verify)
    } finally {
      await this.report.quiet()
    }
  }

  async #apply(prepared: Preparation, verify: boolean): Promise<'done' | 'superseded'> {
    const { engine } = this.#context
    const { report } = this
    const { object } = report
    const { revision } = prepared.source
    const client = actingClient(prepared)
    report.revision = revision
    report.attempted = true
    const build = await runBuild(object, prepared)
    report.digest = build.digest
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
        beforeWriting: () => report.applying(this.#workOn(prepared), mergeInventories(before, wanted), checks),
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
    const inventory = report.inventory ?? applied
    await report.succeed({ revision, inventory, health, changes }, { intervalMs: prepared.timing.intervalMs })
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
    const { report } = this
    report.revision = applied.revision
    report.digest = applied.digest
    const inventory = inventoryOf(report.object)
    const health = 'Health check passed after a failure'
    await report.succeed({ revision: applied.revision, inventory, health, changes: [] })
    this.#memory.unhealthy = undefined
  }

  /** Changes that the watch showed while we applied were not looked at: ours could not be told from others' then. */
  #recheckDrift(): void {
    for (const [key, proof] of this.#memory.proofs) {
      if (!this.#target.live.agreesByKey(key, proof)) return this.#context.drifted(this.report.object)
    }
  }

  #tellChanges(changes: readonly ObjectChange[]): void {
    this.report.tellChanges(changes, this.#work.reasons.has('drift') && this.#work.reasons.size === 1)
  }

  async #prune(
    prepared: Preparation,
    before: readonly InventoryEntry[],
    applied: readonly InventoryEntry[],
  ): Promise<void> {
    const stale = this.report.object.spec.prune ? staleEntries(before, applied) : []
    this.report.inventory = applied
    if (stale.length === 0) return
    const { changes, kept, failures } = await collectGarbage({
      context: this.#context,
      object: this.report.object,
      client: actingClient(prepared),
      live: this.#target.live,
      source: prepared.source,
      stale,
      signal: this.#work.signal,
      onMoved: (id, owner) => this.report.tell('info', 'ObjectMoved', `${id} is left to Kustomization/${owner}`),
    })
    this.#tellChanges(changes)
    if (failures.length === 0) return
    this.report.inventory = mergeInventories(applied, kept)
    throw new StepFailure('PruneFailed', failures.join('\n'))
  }

  /** Waits for health; the message for the condition, or undefined when newer work ended the wait. */
  async #checkHealth(prepared: Preparation, changes: readonly ObjectChange[]): Promise<string | undefined> {
    return checkHealth({
      context: this.#context,
      object: this.report.object,
      memory: this.#memory,
      work: this.#work,
      prepared,
      changes,
      announce: () => this.report.checking(this.#workOn(prepared)),
    })
  }

  #workOn({ source, timing }: Preparation): Work {
    return { revision: source.revision, timeoutMs: timing.timeoutMs, now: () => this.#context.engine.clock.now() }
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
