import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { Retention } from './garbage.ts'
import { serveStorage } from './server.ts'
import { ArtifactStorage } from './storage.ts'

/** Where artifacts are served, in the words of Flux's flags. */
export interface StorageSettings {
  /** Address to listen on, e.g. `:9090` (--storage-addr). */
  readonly address: string
  /** Host and port that consumers reach it at; the address that is listened on when absent (--storage-adv-addr). */
  readonly advertised?: string
  readonly retention?: Retention
}

interface OpenOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly storage?: StorageSettings | undefined
}

/** Opens the store in a folder, and serves it where that is asked for. Fails with E_ENGINE_STORAGE_ADDRESS. */
export async function openStorage(
  dir: string,
  { clock, logger, storage: settings }: OpenOptions,
): Promise<{ readonly storage: ArtifactStorage; close(): Promise<void> }> {
  const retention = settings?.retention
  const base = { dir, clock, ...(retention === undefined ? {} : { retention }) }
  if (settings === undefined) {
    const storage = new ArtifactStorage(base)
    await storage.prepare()
    return { storage, close: async () => undefined }
  }
  // What is served and under which name does not differ between stores of one folder.
  const server = await serveStorage(new ArtifactStorage(base), settings.address)
  const storage = new ArtifactStorage({ ...base, advertised: settings.advertised ?? server.address })
  await storage.prepare()
  logger.info('artifacts are served', { address: server.address })
  return { storage, close: () => server.close() }
}
