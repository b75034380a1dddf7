import { isConflict, isNotFound } from '../../kube/client/status.ts'
import { formatRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { applyManager } from '../contract.ts'
import type { ObjectAction } from '../events.ts'
import { StepFailure } from '../failure.ts'
import { takeOver } from './cleanup.ts'
import { refusalOf } from './refusal.ts'
import type { ApplyInput, Candidate, Verdict } from './types.ts'

/** How long a deleted object may take to go before it is made anew. */
const goneWithinMs = 60_000

/** Changes the cluster for one candidate, as its verdict says. */
export async function write(
  input: ApplyInput,
  candidate: Candidate,
  verdict: Extract<Verdict, { kind: 'create' | 'configure' | 'recreate' }>,
): Promise<{ readonly answer: KubeObject; readonly action: ObjectAction }> {
  const { client, signal } = input
  const { desired, ref, live } = candidate
  try {
    if (verdict.kind === 'recreate') await deleteFirst(input, candidate)
    if (verdict.kind === 'configure' && verdict.cleanup) await takeOver(client, ref, signal)
    const answer = await client.apply(desired, { fieldManager: applyManager, force: true, signal })
    const unchanged =
      verdict.kind === 'configure' && live?.object.metadata.resourceVersion === answer.metadata.resourceVersion
    const action = verdict.kind === 'create' ? 'created' : unchanged ? 'unchanged' : 'configured'
    return { answer, action }
  } catch (error) {
    throw refusalOf(error, desired, ref, 'apply')
  }
}

async function deleteFirst({ client, clock, signal, park }: ApplyInput, { desired, ref }: Candidate): Promise<void> {
  try {
    const live = await client.find(ref, { signal })
    const uid = live?.metadata.uid
    await client.delete(ref, {
      propagationPolicy: 'Background',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      signal,
    })
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw refusalOf(error, desired, ref, 'delete')
  }
  await park(async () => {
    const deadline = clock.monotonic() + goneWithinMs
    for (let wait = 20; (await client.find(ref, { signal })) !== undefined; wait = Math.min(1000, wait * 2)) {
      if (clock.monotonic() > deadline) {
        throw new StepFailure('ReconciliationFailed', `${formatRef(ref)} is not gone 60s after its deletion`)
      }
      await clock.sleep(wait, signal)
    }
  })
}
