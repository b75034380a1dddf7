import { isNotFound } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { applyManager } from '../contract.ts'
import { applyPolicy } from '../kustomization/owner.ts'
import { fingerprint } from '../live/fingerprint.ts'
import { isOlder } from '../live/live-objects.ts'
import { needsTakeOver } from './cleanup.ts'
import { isImmutable, refusalOf } from './refusal.ts'
import type { Candidate, Verdict } from './types.ts'

/** Asks the server what applying a candidate would do. Throws the refusal when it would not. */
export async function dryRun(
  client: KubeClient,
  candidate: Candidate,
  force: boolean,
  signal: AbortSignal,
): Promise<Verdict> {
  const { desired, ref, live, policy } = candidate
  let answer: Awaited<ReturnType<KubeClient['apply']>>
  try {
    answer = await client.apply(desired, { fieldManager: applyManager, force: true, dryRun: true, signal })
  } catch (error) {
    const recreate = (force || policy.force) && isImmutable(error) && (await wouldBeAccepted(client, candidate, signal))
    if (recreate) return { kind: 'recreate' }
    throw refusalOf(error, desired, ref, 'dry-run')
  }
  // A dry run stores nothing, so an object that would be created has no version.
  if (answer.metadata.resourceVersion === undefined || answer.metadata.resourceVersion === '') return { kind: 'create' }
  if (policy.createOnly || applyPolicy(desired, answer).skip) return { kind: 'skip', live: answer }
  const cleanup = !applyPolicy(desired, answer).merge && needsTakeOver(live?.object ?? answer)
  const agrees =
    live !== undefined &&
    !cleanup &&
    !isOlder(live.object.metadata.resourceVersion, answer.metadata.resourceVersion) &&
    fingerprint(answer) === live.fingerprint
  return agrees ? { kind: 'agrees', live: answer } : { kind: 'configure', cleanup }
}

/**
 * Whether the server would take the object as a new one. Asked before an object is deleted to be made anew: a refusal for
 * another reason than immutability must not cost the running object.
 */
async function wouldBeAccepted(client: KubeClient, { desired, ref }: Candidate, signal: AbortSignal): Promise<boolean> {
  const probe = `sluice-probe-${Math.random().toString(36).slice(2, 10)}`
  const copy = { ...desired, metadata: { ...desired.metadata, name: probe } }
  try {
    if ((await client.find(ref, { signal })) === undefined) return false
    await client.create(copy, { dryRun: true, fieldManager: applyManager, signal })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    return false
  }
}
