import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { startEngine } from '../engine/index.ts'
import type { KubeClient } from '../kube/client/types.ts'

export interface EngineBesideOptions {
  readonly client: KubeClient
  readonly dataDir: string
  /** Namespace in which real Flux would run. */
  readonly namespace: string
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/**
 * Runs the engine while `work` runs, so that a bootstrap becomes Ready on a cluster that has none yet. It acts only when
 * no other engine does: of several, one holds the Lease; where real Flux is installed, none of ours.
 *
 * @returns what `work` returned, and whether our engine was the one that acted
 */
export async function withEngineBeside<T>(
  options: EngineBesideOptions,
  work: () => Promise<T>,
): Promise<{ result: T; acted: boolean }> {
  const { client, clock, logger } = options
  await mkdir(options.dataDir, { recursive: true })
  const dataDir = await mkdtemp(join(options.dataDir, 'engine-'))
  const starting = startEngine({
    client,
    dataDir,
    clock,
    logger,
    tenancy: { systemNamespaces: [options.namespace] },
  })
  starting.catch(error => logger.warn('no engine beside the bootstrap', { error: String(error) }))
  try {
    const result = await work()
    return {
      result,
      acted: await starting.then(
        engine => engine.leading,
        () => false,
      ),
    }
  } finally {
    await starting.then(
      engine => engine.close(),
      () => {},
    )
    await rm(dataDir, { recursive: true, force: true })
  }
}
