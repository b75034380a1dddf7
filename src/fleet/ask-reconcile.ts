import { SluiceError } from '../base/errors/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { FleetSync } from './find-sync.ts'
import { gitRepositoryKind } from './read-fleet.ts'
import { requestedAtAnnotation } from './reconcile.ts'

/**
 * Asks the engine, as `flux reconcile source git` does, to fetch now instead of at the next interval. An account that may
 * not annotate the source waits for the interval: that is no failure. Gives whether it was asked.
 */
export async function askReconcile(client: KubeClient, sync: FleetSync, signal: AbortSignal): Promise<boolean> {
  const patch = { metadata: { annotations: { [requestedAtAnnotation]: new Date().toISOString() } } }
  const source = { ...gitRepositoryKind, namespace: sync.namespace, name: sync.sourceName }
  try {
    await client.patch(source, 'merge', patch, { signal, fieldManager: 'sluice' })
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SluiceError && error.code === 'E_KUBE_FORBIDDEN') return false
    throw error
  }
}
