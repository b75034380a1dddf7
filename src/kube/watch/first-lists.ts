import { SluiceError } from '../../base/errors/index.ts'
import { abortable } from '../client/abort.ts'
import { toGvk } from '../client/paths.ts'
import type { KindRef, KubeClient } from '../client/types.ts'
import { formatApiVersion } from '../identity.ts'
import type { Informer } from './types.ts'

export interface FirstListsOptions {
  readonly signal: AbortSignal
  /** How often a list that does not come is asked about, in milliseconds; 3000 when absent. */
  readonly lookMs?: number
  /** For how long a server that is away is waited for, in milliseconds; 30 000 when absent. */
  readonly patienceMs?: number
}

/**
 * Waits until each informer has its first list. An informer alone tries for ever and tells nobody: here a kind that the
 * server does not have, a right that is missing and a server that stays away end the wait with the server's own words.
 *
 * @throws E_KUBE_…, the signal's reason
 */
export async function firstLists(
  client: KubeClient,
  informers: readonly (readonly [KindRef, Informer])[],
  { signal, lookMs = 3000, patienceMs = 30_000 }: FirstListsOptions,
): Promise<void> {
  const all = Promise.all(informers.map(([, informer]) => informer.synced)).then(() => true as const)
  all.catch(() => {})
  const until = performance.now() + patienceMs
  while (!(await abortable(Promise.race([all, later(lookMs)]), signal))) {
    const [late] = informers.find(([, informer]) => !informer.hasSynced) ?? []
    const problem = late && (await whyNot(client, late, signal))
    if (problem && (!mayPass(problem) || performance.now() >= until)) throw problem
  }
}

function later(ms: number): Promise<false> {
  return new Promise(resolve => setTimeout(() => resolve(false), ms).unref())
}

async function whyNot(client: KubeClient, kind: KindRef, signal: AbortSignal): Promise<SluiceError | undefined> {
  try {
    if (await client.resourceFor(kind, { signal })) {
      // Nothing has this name: the rights are looked at, and nothing is sent.
      await client.list(kind, { fieldSelector: 'metadata.name=none', signal })
      return undefined
    }
    const gvk = toGvk(kind)
    return new SluiceError('E_KUBE_KIND_UNKNOWN', { object: `${formatApiVersion(gvk)} ${gvk.kind}` })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SluiceError) return error
    throw error
  }
}

/** A kind that is missing now is missing for a caller that waits for its first list. */
function mayPass(problem: SluiceError): boolean {
  return problem.retryable && problem.code !== 'E_KUBE_KIND_UNKNOWN'
}
