import { computeHealth } from '../../kube/health/index.ts'
import { formatRef, type ObjectRef } from '../../kube/identity.ts'
import { StepFailure } from '../failure.ts'
import type { ApplyInput } from './types.ts'

/** How long definitions may take to be usable (Flux: ssa.DefaultApplyOptions). */
const withinMs = 60_000

/** Waits until the objects of a stage are established, because later stages may hold objects of their kinds. */
export async function awaitEstablished(input: ApplyInput, refs: readonly ObjectRef[]): Promise<void> {
  const { client, clock } = input
  const pending = () => refs.filter(ref => !established(input, ref))
  if (refs.some(ref => ref.kind === 'CustomResourceDefinition')) {
    await input.park(async () => {
      const deadline = clock.monotonic() + withinMs
      while (pending().length > 0) {
        if (clock.monotonic() > deadline) {
          throw new StepFailure('ReconciliationFailed', `timeout waiting for: [${pending().map(formatRef).join(', ')}]`)
        }
        await nextChange(input, 250)
      }
    })
    client.invalidateDiscovery()
  }
}

function established({ live }: ApplyInput, ref: ObjectRef): boolean {
  if (!live.knows(ref)) return true
  const found = live.get(ref)
  return found !== undefined && computeHealth(found.object).status === 'Current'
}

/** Resolves at the next change of a managed object, or after `ms` milliseconds. */
async function nextChange({ live, clock, signal }: ApplyInput, ms: number): Promise<void> {
  const stop = new AbortController()
  const end = live.onChange(() => stop.abort())
  try {
    await clock.sleep(ms, AbortSignal.any([signal, stop.signal]))
  } catch {
    signal.throwIfAborted()
  } finally {
    end()
  }
}
