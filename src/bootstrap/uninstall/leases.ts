import { randomUUID } from 'node:crypto'
import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import type { Logger } from '../../base/log.ts'
import { Lease } from '../../engine/leader/lease.ts'
import { isNotFound } from '../../kube/client/status.ts'
import type { KubeObject } from '../../kube/object.ts'
import { engineName } from '../../layout/index.ts'
import { holderOf, isEngineLease, leaseKind } from '../switch/wait.ts'
import type { UninstallRequest } from './uninstall.ts'

interface Place {
  readonly namespace: string
  readonly name: string
}

const leasePlace: Place = { namespace: 'kube-system', name: engineName }
const leaseMs = 15_000
const lookMs = 500

/**
 * Holds the Leases of all engines while `work` runs: that of the one for everything, and those of shards. An engine that
 * is at work elsewhere, in a process of somebody, keeps its Lease from us, and is named.
 *
 * @throws E_UNINSTALL_ENGINE
 */
export async function withEngineLeases(
  request: UninstallRequest,
  logger: Logger,
  work: () => Promise<void>,
): Promise<void> {
  const { client, clock, signal } = request
  const identity = `uninstall_${randomUUID()}`
  const { items } = await client.list(leaseKind, { signal })
  const places = new Map([leasePlace, ...items.filter(isEngineLease).map(placeOf)].map(at => [JSON.stringify(at), at]))
  const leases = [...places.values()].map(
    at => new Lease(client, clock, logger, { ...at, identity, durationMs: leaseMs, retryMs: 1000 }),
  )
  const done = new AbortController()
  const stop = new AbortController()
  const ended = AbortSignal.any([signal, stop.signal])
  const kept: Promise<void>[] = []
  try {
    // Each is kept from the moment at which it is ours: another may take its time.
    const taken = leases.map(async lease => {
      await Promise.race([lease.acquire(ended), refuseLiving(request, lease.object, identity, ended)])
      kept.push(lease.keep(done.signal))
    })
    await Promise.all(taken).catch(async error => {
      stop.abort()
      await Promise.allSettled(taken)
      throw error
    })
    stop.abort()
    await work()
  } finally {
    done.abort()
    await Promise.all(kept)
    await Promise.all(leases.map(lease => lease.release()))
  }
  // Whoever takes one now has nothing to work on.
  for (const { object } of leases)
    await client.delete({ ...leaseKind, ...object }, { signal }).catch(error => {
      if (!isNotFound(error)) throw error
    })
}

/** Rejects when the holder of a Lease renews it: it lives. One that is dead is waited for, as long as
 * a step may take. */
async function refuseLiving(
  { client, clock, timeoutMs }: UninstallRequest,
  place: Place,
  identity: string,
  signal: AbortSignal,
): Promise<never> {
  const started = clock.monotonic()
  let seen: { readonly holder: string; readonly renewed: unknown } | undefined
  for (;;) {
    const lease = await client.find({ ...leaseKind, ...place }, { signal }).catch(() => undefined)
    signal.throwIfAborted()
    const holder = lease && holderOf(lease)
    const renewed = valueAt(lease, ['spec', 'renewTime'])
    if (holder !== undefined && holder !== identity) {
      const lives = seen?.holder === holder && seen.renewed !== renewed
      if (lives || clock.monotonic() - started > timeoutMs)
        throw new SluiceError('E_UNINSTALL_ENGINE', { object: `Lease/${place.namespace}/${place.name}`, seen: holder })
      seen = { holder, renewed }
    }
    await clock.sleep(lookMs, signal)
  }
}

function placeOf({ metadata: { namespace = '', name = '' } }: KubeObject): Place {
  return { namespace, name }
}
