import { formatRef, type ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { ObjectChange } from '../events.ts'
import { StepFailure } from '../failure.ts'
import { kindRank, stagesOf } from '../kustomization/stages.ts'
import type { Shape } from '../live/accepted-shapes.ts'
import { fingerprint } from '../live/fingerprint.ts'
import { candidatesOf } from './candidates.ts'
import { needsTakeOver } from './cleanup.ts'
import { dryRun } from './dry-run.ts'
import { awaitEstablished } from './established.ts'
import type { ApplyInput, ApplyOutcome, Candidate, Proof, Verdict } from './types.ts'
import { write } from './write.ts'

/** Calls on their way at once for one Kustomization; the client bounds all of them together. */
const parallel = 8

/**
 * Applies objects in Flux's stages. Within a stage every object that may differ passes a dry run before the first one is
 * written, so that one refusal leaves the whole stage untouched. Calls are saved where this promise does not need them:
 *
 * - none for an object that a proof covers: same wish, same reading in the watch;
 * - no write for an object whose dry run gives what the watch shows;
 * - no dry run when one known object is all that a stage has to write: a single write is a transaction of its own;
 * - no dry run for a new object when the server has just accepted its like (see AcceptedShapes).
 *
 * A refusal is a StepFailure; what was written before it stands in `partial`.
 */
export async function apply(input: ApplyInput, partial: ObjectChange[] = []): Promise<ApplyOutcome> {
  const proofs = new Map<string, Proof>()
  let wrote = false
  const beforeWriting = async (refs: readonly ObjectRef[]): Promise<void> => {
    if (wrote) return
    wrote = true
    await input.beforeWriting(refs)
  }
  for (const stage of stagesOf(input.objects)) {
    const candidates = await candidatesOf(input, stage.objects)
    const verdicts = await judge(input, candidates, proofs, partial)
    if (verdicts.size > 0) {
      await beforeWriting(candidates.map(candidate => candidate.ref))
      await writeAll(input, verdicts, proofs, partial)
    }
    if (stage.waits && verdicts.size > 0) {
      await awaitEstablished(
        input,
        candidates.map(candidate => candidate.ref),
      )
    }
  }
  return { changes: partial, proofs }
}

type WriteVerdict = Extract<Verdict, { kind: 'create' | 'configure' | 'recreate' }>

/** Decides about each candidate; those that need no write are settled at once. */
async function judge(
  input: ApplyInput,
  candidates: readonly Candidate[],
  proofs: Map<string, Proof>,
  changes: ObjectChange[],
): Promise<Map<Candidate, WriteVerdict>> {
  const settle = (
    candidate: Candidate,
    action: 'unchanged' | 'skipped',
    live: KubeObject | undefined,
    print?: string,
  ) => {
    changes.push({ ref: candidate.ref, action })
    proofs.set(candidate.key, {
      payload: candidate.payload,
      fingerprint: print ?? (live === undefined ? '' : fingerprint(live)),
      resourceVersion: live?.metadata.resourceVersion,
    })
  }
  const open: Candidate[] = []
  for (const candidate of candidates) {
    const { live, policy, key, payload } = candidate
    const proof = input.proofs.get(key)
    const proven = proof !== undefined && proof.payload === payload && input.live.agrees(candidate.ref, proof)
    if (policy.skip) settle(candidate, 'skipped', live?.object, live?.fingerprint ?? '')
    else if (proven && !input.verify) {
      changes.push({ ref: candidate.ref, action: 'unchanged' })
      proofs.set(key, proof)
    } else open.push(candidate)
  }
  const only = open.length === 1 ? open[0]! : undefined
  if (only?.live !== undefined && !only.policy.createOnly && !input.force && !only.policy.force) {
    return new Map([[only, { kind: 'configure', cleanup: !only.policy.merge && needsTakeOver(only.live.object) }]])
  }
  const verdicts = new Map<Candidate, WriteVerdict>()
  const judged = await inParallel(open, candidate => judgeOne(input, candidate))
  for (const [candidate, verdict] of judged) {
    if (verdict.kind === 'agrees') settle(candidate, 'unchanged', verdict.live)
    else if (verdict.kind === 'skip') settle(candidate, 'skipped', verdict.live)
    else verdicts.set(candidate, verdict)
  }
  return verdicts
}

async function judgeOne(input: ApplyInput, candidate: Candidate): Promise<Verdict> {
  const { client, live, force, signal } = input
  const shape = shapeOf(input, candidate)
  if (shape !== undefined && live.accepted.has(shape) && (await live.isAbsent(candidate.ref, signal))) {
    return { kind: 'create' }
  }
  const verdict = await dryRun(client, candidate, force, signal)
  if (shape !== undefined && verdict.kind === 'create') live.accepted.add(shape)
  return verdict
}

/** The shape of an object that seems to be new. */
function shapeOf({ live, identity }: ApplyInput, candidate: Candidate): Shape | undefined {
  if (candidate.live !== undefined || candidate.policy.createOnly || !live.knows(candidate.ref)) return undefined
  return live.accepted.shapeOf(candidate.desired, identity)
}

/** Writes in order of kinds; equal kinds side by side. */
async function writeAll(
  input: ApplyInput,
  verdicts: ReadonlyMap<Candidate, WriteVerdict>,
  proofs: Map<string, Proof>,
  changes: ObjectChange[],
): Promise<void> {
  const groups = new Map<number, Candidate[]>()
  for (const candidate of verdicts.keys()) {
    const rank = kindRank(candidate.ref.kind)
    groups.set(rank, [...(groups.get(rank) ?? []), candidate])
  }
  for (const group of groups.values()) {
    await inParallel(group, async candidate => {
      const { answer, action } = await write(input, candidate, verdicts.get(candidate)!).catch(error => {
        const shape = shapeOf(input, candidate)
        if (shape !== undefined) input.live.accepted.revoke(shape)
        throw error
      })
      changes.push({ ref: candidate.ref, action })
      proofs.set(candidate.key, {
        payload: candidate.payload,
        fingerprint: fingerprint(answer),
        resourceVersion: answer.metadata.resourceVersion,
      })
    })
  }
}

/** Runs work for each item, a few at once; all of it ends before the first failures are reported together. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<[T, R][]> {
  const results: [T, R][] = []
  const failures: unknown[] = []
  const queue = [...items]
  const runner = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        results.push([item, await work(item)])
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, runner))
  if (failures.length === 0) return results
  const [first] = failures
  if (failures.length === 1 || !(first instanceof StepFailure)) throw first
  const texts = failures.map(failure => (failure instanceof Error ? failure.message : String(failure)))
  throw new StepFailure(first.reason, texts.join('\n'), first.options)
}

/** The lines of a change log, as Flux's events show them; unchanged and skipped objects are left out. */
export function changeLog(changes: readonly ObjectChange[]): string {
  return changes
    .filter(({ action }) => action !== 'unchanged' && action !== 'skipped')
    .map(({ ref, action }) => `${formatRef(ref)} ${action}`)
    .join('\n')
}
