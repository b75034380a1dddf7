import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { EngineContext } from '../context.ts'
import { Gateway } from '../helmrelease/gateway/gateway.ts'
import { Helm } from '../helmrelease/helm/helm.ts'
import { guardWrites } from '../leader/guarded-client.ts'
import { LiveObjects } from '../live/live-objects.ts'
import { ObjectWatches } from '../live/object-watches.ts'
import { RemoteClusters } from '../remote/remote-clusters.ts'
import { Snapshots } from '../source/snapshots.ts'
import { ArtifactStorage } from '../source/storage/storage.ts'
import { singleTenant, Tenancy } from '../tenancy/tenancy.ts'
import type { ReadObject } from './read.ts'

/** What a preview works with: the engine's own parts, in a folder that is gone afterwards, with a client that never writes. */
export interface PreviewEnvironment {
  readonly context: EngineContext
  readonly storage: ArtifactStorage
  readonly helm: Helm
  readonly read: ReadObject
  readonly signal: AbortSignal
}

export interface EnvironmentInput {
  readonly client: KubeClient
  /** Reads objects as they would be. */
  readonly read: ReadObject
  /** Where helm is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** Runs `work` with an environment and takes everything away, whatever happens. */
export async function withEnvironment<T>(
  { client, read, env, signal }: EnvironmentInput,
  work: (environment: PreviewEnvironment) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-preview-'))
  const guard = (one: KubeClient): KubeClient =>
    guardWrites(one, () => {
      throw new Error('a preview writes nothing')
    })
  const reading = guard(client)
  const gateway = new Gateway()
  const live = new LiveObjects(reading, systemClock, silentLogger)
  const watches = new ObjectWatches(reading, systemClock)
  const snapshots = new Snapshots(join(dir, 'sources'))
  const remotes = new RemoteClusters(systemClock, silentLogger, guard)
  const storage = new ArtifactStorage({ dir: join(dir, 'artifacts'), clock: systemClock })
  try {
    await storage.prepare()
    const context: EngineContext = {
      client: reading,
      guard,
      clock: systemClock,
      logger: silentLogger,
      metrics: { increment: () => undefined, set: () => undefined, observe: () => undefined },
      random: () => 0.5,
      live,
      watches,
      snapshots,
      remotes,
      tenancy: new Tenancy(singleTenant),
      owns: () => true,
      // Never out of a branch: a Secret of a source is that of the cluster.
      readSecret: (namespace, name) =>
        reading.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal }),
      emit: () => undefined,
    }
    const helm = new Helm(gateway, join(dir, 'helm'), env, () => undefined)
    return await work({ context, storage, helm, read, signal })
  } finally {
    await gateway.close()
    live.stop()
    watches.stop()
    await remotes.close()
    await snapshots.close()
    await rm(dir, { recursive: true, force: true })
  }
}
