import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { KubeClient } from '../../src/kube/client/types.ts'
import { createInformer } from '../../src/kube/watch/index.ts'

/** Says whether the engine of Sluice and the stand-in for Flux ever led at the same time, as their Leases tell. */
export async function watchLeases(client: KubeClient): Promise<{ readonly both: string[]; stop(): void }> {
  const kind = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' }
  const informer = createInformer(client, kind, {}, { clock: systemClock, logger: silentLogger })
  const both: string[] = []
  const holder = (namespace: string, name: string) =>
    ((informer.get(namespace, name)?.['spec'] ?? {}) as { holderIdentity?: string }).holderIdentity || undefined
  informer.subscribe(() => {
    const ours = holder('kube-system', 'sluice-engine')
    const flux = holder('flux-system', 'kustomize-controller-leader-election')
    if (ours !== undefined && flux !== undefined) both.push(`${ours} and ${flux}`)
  })
  await informer.synced
  return { both, stop: () => informer.stop() }
}
