import { systemClock } from '../../base/clock.ts'
import { type ConnectedCluster, withCluster } from '../connect.ts'
import type { CliIo } from '../io.ts'
import { followReporter } from '../output/follow.ts'
import { reviewReporter } from '../output/review.ts'
import type { ClusterOptions } from './command.ts'
import { openFleetForge } from './fleet-forge.ts'
import type { ForgeOptions } from './forge-options.ts'
import { readWriteOptions, type WriteOptions } from './write-options.ts'

export interface FleetChangeOptions extends ClusterOptions, ForgeOptions, WriteOptions {
  /** Milliseconds that the change is followed for. */
  readonly timeout: number
}

/** The Git host of a fleet, and what every change of the fleet is asked with. */
export type OpenedFleet = Awaited<ReturnType<typeof openFleet>>

/** Opens the cluster and the Git host of its fleet, and says who commits, how, and how the change is followed. */
export async function withFleetChange(
  options: FleetChangeOptions,
  io: CliIo,
  work: (opened: OpenedFleet) => Promise<void>,
): Promise<void> {
  const write = await readWriteOptions(options, io)
  await withCluster(options, io, async cluster => work(await openFleet(options, io, cluster, write)))
}

async function openFleet(
  options: FleetChangeOptions,
  io: CliIo,
  { client, dataDir }: ConnectedCluster,
  write: Awaited<ReturnType<typeof readWriteOptions>>,
) {
  const { defaultAuthor } = await import('../../forges/changes/index.ts')
  const { fleetRepository } = await import('../../fleet/repository-remote.ts')
  const forge = await openFleetForge(options, client, io)
  const { login } = await forge.identify(io.signal)
  const request = {
    client,
    repositoryFor: (url: string) => fleetRepository(forge, url),
    review: write.review,
    reviewTimeoutMs: write.reviewTimeoutMs,
    dataDir,
    author: write.author ?? defaultAuthor(login, forge.host),
    committer: write.committer,
    signer: write.signer,
    clock: systemClock,
    signal: io.signal,
    timeoutMs: options.timeout,
    onReview: reviewReporter(io, forge),
    onProgress: followReporter(io),
  }
  return { forge, request }
}
