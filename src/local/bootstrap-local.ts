import { type Clock, systemClock } from '../base/clock.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import { version } from '../base/version.ts'
import {
  applyBootstrap,
  type BootstrapEvent,
  type BootstrapReport,
  type Fleet,
  type SyncCredential,
} from '../bootstrap/index.ts'
import { createGitHubForge } from '../forges/index.ts'
import type { LocalSystem } from './start-local.ts'

/** Bootstraps a fleet on a local system. */
export async function bootstrapLocal(
  system: LocalSystem,
  options: {
    readonly fleet: Fleet
    readonly dataDir: string
    readonly signal: AbortSignal
    readonly timeoutMs: number
    /** With what the cluster fetches; the token when absent. */
    readonly sync?: SyncCredential
    readonly clock?: Clock
    readonly logger?: Logger
    readonly onEvent?: (event: BootstrapEvent) => void
  },
): Promise<BootstrapReport> {
  return applyBootstrap({
    fleet: options.fleet,
    forge: createGitHubForge({ host: system.forge.url, token: system.token, userAgent: `sluice/${version}` }),
    client: system.client,
    dataDir: options.dataDir,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    ...(options.sync ? { sync: options.sync } : {}),
    ...(options.onEvent ? { onEvent: options.onEvent } : {}),
  })
}
