import { setMaxListeners } from 'node:events'
import { SluiceError } from '../../base/errors/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { conditionOf } from '../../kube/condition.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { WatchCache } from '../../kube/watch/index.ts'
import { eksaKinds } from '../../specs/index.ts'

/**
 * Puts EKS Anywhere's kinds into a cluster, as its management components do, and waits until they are served.
 *
 * @throws E_TIMEOUT
 */
export async function installEksaCrds(
  client: KubeClient,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const deadline = AbortSignal.timeout(60_000)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  // One listener for each call in flight; there are as many calls as kinds.
  setMaxListeners(0, signal)
  const cache = new WatchCache(client)
  try {
    const crds = eksaKinds.map(kind => kind.crd())
    await Promise.all(crds.map(crd => client.apply(crd, { fieldManager: 'eks-a-installer', force: true, signal })))
    const established = (object: KubeObject | undefined) => conditionOf(object, 'Established')?.status === 'True'
    await Promise.all(crds.map(crd => cache.waitFor(refOf(crd), established, signal)))
    client.invalidateDiscovery()
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!deadline.aborted) throw error
    throw new SluiceError('E_TIMEOUT', {
      object: `CRDs of ${client.server}`,
      expected: 'all of them established within 60 s',
      cause: error,
    })
  } finally {
    cache.stop()
  }
}
