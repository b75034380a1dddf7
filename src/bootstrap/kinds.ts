import { SluiceError } from '../base/errors/index.ts'
import { conditionOf } from '../kube/condition.ts'
import { refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { WatchCache } from '../kube/watch/index.ts'
import type { BootstrapContext } from './types.ts'

/** Definitions that Helm or another tool keeps would be put back by it: `flux bootstrap` asks, and Sluice refuses. */
export async function refuseOtherInstaller({ client, signal }: BootstrapContext): Promise<void> {
  const name = 'gitrepositories.source.toolkit.fluxcd.io'
  const crd = await client.find(
    { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', namespace: '', name },
    { signal },
  )
  const by = crd?.metadata.labels?.['app.kubernetes.io/managed-by']
  if (by !== undefined && by !== 'flux')
    throw new SluiceError('E_FLUX_INSTALLED_OTHERWISE', {
      object: `CustomResourceDefinition/${name}`,
      expected: 'no label app.kubernetes.io/managed-by, or flux',
      seen: by,
    })
}

/** Waits until the API server serves the kinds of definitions. */
export async function waitEstablished(
  { client, clock, logger, signal }: BootstrapContext,
  crds: readonly KubeObject[],
): Promise<void> {
  const cache = new WatchCache(client, { clock, logger })
  const deadline = AbortSignal.timeout(60_000)
  try {
    const established = (object: KubeObject | undefined) => conditionOf(object, 'Established')?.status === 'True'
    await Promise.all(crds.map(crd => cache.waitFor(refOf(crd), established, AbortSignal.any([signal, deadline]))))
  } catch (error) {
    if (signal.aborted || !deadline.aborted) throw error
    const names = crds.map(crd => crd.metadata.name).join(', ')
    throw new SluiceError('E_TIMEOUT', {
      object: names,
      expected: 'the API server to establish the kinds within 60 s',
      cause: error,
    })
  } finally {
    cache.stop()
  }
}
