import { systemClock } from '../../src/base/clock.ts'
import { createInformer } from '../../src/kube/watch/index.ts'
import type { BenchContext } from '../types.ts'
import type { BenchCluster } from './cluster.ts'
import { appsNamespace } from './objects.ts'
import type { MeasuredClient } from './process.ts'
import type { AppRepository } from './repository.ts'

const pushes = 20
const deploymentKind = { group: 'apps', version: 'v1', kind: 'Deployment' }

/**
 * Pushes to one application after the other among those that run: how long it takes from the moment at which the Git host
 * has the push, and calls the webhook, until a watch shows the changed object.
 */
export async function measurePushes(
  world: {
    readonly cluster: BenchCluster
    readonly repository: AppRepository
    readonly engine: MeasuredClient
    readonly pushedAt: () => number
  },
  apps: readonly string[],
  { signal }: BenchContext,
): Promise<number[]> {
  const { cluster, repository, engine } = world
  const informer = createInformer(cluster.client, deploymentKind, { namespace: appsNamespace }, { clock: systemClock })
  await informer.synced
  const samples: number[] = []
  try {
    for (let round = 0; round < pushes; round++) {
      signal.throwIfAborted()
      const app = apps[(round * 7) % apps.length]!
      const cpu = `${401 + round}m`
      const wanted = JSON.stringify(cpu)
      const applied = new Promise<number>(resolve => {
        const end = informer.subscribe(({ object }) => {
          if (object.metadata.name !== app || !JSON.stringify(object['spec']).includes(wanted)) return
          end()
          resolve(performance.now())
        })
      })
      await repository.write([app], cpu)
      samples.push((await applied) - world.pushedAt())
      await engine.ask({ do: 'quiet', forMs: 1000 })
    }
  } finally {
    informer.stop()
  }
  return samples
}
