import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { valueAt } from '../../base/json.ts'
import { Lease } from '../../engine/leader/lease.ts'
import { isConflict, isNotFound } from '../../kube/client/status.ts'
import type { KubeObject } from '../../kube/object.ts'
import { isRunning } from '../journal.ts'
import type { BootstrapContext } from '../types.ts'
import { type EngineName, refuse } from './facts.ts'
import { holderOf, leaseKind } from './wait.ts'

/** The Lease of whoever changes the engine. */
export const switchLease = 'sluice-switch'
const leaseMs = 15_000
const lookMs = 500

/**
 * Runs `work` while this run alone changes the engine of the fleet: one that is under way elsewhere, to the same engine
 * or to the other, is named and left alone. What a run that was killed has left is taken over: at once when it ran on
 * this machine, and otherwise when its Lease has run out.
 *
 * @throws SluiceError E_ENGINE_SWITCH
 */
export async function aloneAtSwitch<T>(context: BootstrapContext, to: EngineName, work: () => Promise<T>): Promise<T> {
  const { client, clock, logger, signal, fleet } = context
  const ref = { ...leaseKind, namespace: fleet.namespace, name: switchLease }
  const identity = `to-${to} ${hostname()} process ${process.pid} ${randomUUID().slice(0, 8)}`
  const options = { namespace: fleet.namespace, name: switchLease, identity, durationMs: leaseMs, retryMs: 1000 }
  const lease = new Lease(client, clock, logger, options)
  const found = await client.find(ref, { signal })
  if (found !== undefined && isLeftHere(found)) await forget(context, found)

  const looking = new AbortController()
  const look = AbortSignal.any([signal, looking.signal])
  try {
    await Promise.race([lease.acquire(look), refuseLiving(context, identity, look)])
  } finally {
    looking.abort()
  }
  const done = new AbortController()
  const kept = keepOn(lease, done.signal)
  try {
    return await work()
  } finally {
    done.abort()
    await kept
    const ours = await client.find(ref).catch(() => undefined)
    if (ours !== undefined && holderOf(ours) === identity) await forget(context, ours).catch(() => undefined)
  }
}

/** A pause that was longer than the Lease does not end the work, each step of which looks first; it is taken again. */
async function keepOn(lease: Lease, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lease.keep(signal)
    if (!signal.aborted) await lease.acquire(signal).catch(() => undefined)
  }
}

/** Rejects when somebody else holds the Lease and renews it. One who is dead is waited for. */
async function refuseLiving(
  { client, clock, fleet }: BootstrapContext,
  identity: string,
  signal: AbortSignal,
): Promise<never> {
  let seen: { readonly holder: string; readonly renewed: unknown } | undefined
  for (;;) {
    const lease = await client
      .find({ ...leaseKind, namespace: fleet.namespace, name: switchLease }, { signal })
      .catch(() => undefined)
    signal.throwIfAborted()
    const holder = lease && holderOf(lease)
    if (holder !== undefined && holder !== identity) {
      const renewed = valueAt(lease, ['spec', 'renewTime'])
      if (seen?.holder === holder && seen.renewed !== renewed)
        throw refuse(
          `Lease/${fleet.namespace}/${switchLease}`,
          'no other change of the engine at the same time',
          `one that is under way: ${holder.replace(/ [0-9a-f]{8}$/, '')}`,
          'Wait until it has ended, then run the command again.',
        )
      seen = { holder, renewed }
    }
    await clock.sleep(lookMs, signal)
  }
}

/** Whether a process of this machine that is no more holds the Lease. */
function isLeftHere(lease: KubeObject): boolean {
  const [, host, pid] = /^to-\w+ (\S+) process (\d+) [0-9a-f]{8}$/.exec(holderOf(lease) ?? '') ?? []
  return host === hostname() && Number(pid) !== process.pid && !isRunning(Number(pid))
}

/** Deletes a Lease as it was read; one that somebody has changed since is theirs. */
async function forget({ client, fleet }: BootstrapContext, lease: KubeObject): Promise<void> {
  const { uid, resourceVersion } = lease.metadata
  const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) }
  try {
    await client.delete({ ...leaseKind, namespace: fleet.namespace, name: switchLease }, { preconditions })
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}
