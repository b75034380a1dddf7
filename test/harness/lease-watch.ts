import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { KubeClient } from '../../src/kube/client/types.ts'
import { createInformer } from '../../src/kube/watch/index.ts'

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly renewTime?: string
}

/** Says whether the engine of Sluice and the stand-in for Flux ever led at the same time, as their Leases tell. */
export async function watchLeases(client: KubeClient): Promise<{ readonly both: string[]; stop(): void }> {
  const kind = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' }
  const informer = createInformer(client, kind, {}, { clock: systemClock, logger: silentLogger })
  const both: string[] = []
  // A process that was killed leaves its name in its Lease: what counts is until when the last renewal is good for, and
  // when the other's began to be. Both times are of this machine.
  const held = (namespace: string, name: string) => {
    const spec = (informer.get(namespace, name)?.['spec'] ?? {}) as LeaseSpec
    if (!spec.holderIdentity) return undefined
    const from = Date.parse(spec.renewTime ?? '')
    return { who: spec.holderIdentity, from, until: from + (spec.leaseDurationSeconds ?? 15) * 1000 }
  }
  informer.subscribe(() => {
    const ours = held('kube-system', 'sluice-engine')
    const flux = held('flux-system', 'kustomize-controller-leader-election')
    if (ours && flux && ours.from < flux.until && flux.from < ours.until) both.push(JSON.stringify({ ours, flux }))
  })
  await informer.synced
  return { both, stop: () => informer.stop() }
}
