import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { type Logger, silentLogger } from '../../base/log.ts'
import { Semaphore } from '../../base/semaphore.ts'
import { checkGitVersion } from '../../git/index.ts'
import { type ForgeAdmin, forgeAdmin } from './admin.ts'
import type { ForgeContext, PushEvent } from './context.ts'
import { HookSender } from './deliveries.ts'
import { type Misbehaviour, Misbehaviours } from './misbehave.ts'
import { OpenRepositories } from './open-repositories.ts'
import { sweepFolders, sweepLeftovers } from './repositories.ts'
import { forgeServer, listen } from './server.ts'
import { openStore, type Store } from './store.ts'

/** How the sandbox forge is started. */
export interface ForgeOptions {
  /** Holds everything that the forge keeps; made when it is not there. One process uses it at a time. */
  readonly dataDir: string
  /** Port on 127.0.0.1; a free one when absent or 0. */
  readonly port?: number
  /** Drops everything when absent. */
  readonly logger?: Logger
  /** The system's when absent. */
  readonly clock?: Clock
  /** Closes the forge when it is aborted. */
  readonly signal?: AbortSignal
  /** Hears of every ref that a push moves, before the client hears of it. */
  readonly onPush?: (event: PushEvent) => void
  /** A push may bring at most so many bytes; 256 MiB when absent. */
  readonly maxPushBytes?: number
}

/** A running sandbox forge. */
export interface SandboxForge {
  /** `http://127.0.0.1:<port>`: repositories are at `<url>/<owner>/<name>.git`. */
  readonly url: string
  /** `<url>/api/v3`, as on GitHub Enterprise Server. */
  readonly apiUrl: string
  readonly port: number
  /** Makes accounts, tokens and repositories without HTTP. */
  readonly admin: ForgeAdmin
  /** Adds a listener for pushes; the returned function removes it. */
  onPush(listener: (event: PushEvent) => void): () => void
  /** Orders a fault for tests; the returned function takes it back. */
  misbehave(fault: Misbehaviour): () => void
  /** Takes back every fault. */
  behave(): void
  /** Stops listening, ends running exchanges and closes the database. Safe to call twice. */
  close(): Promise<void>
}

/** At most so many git processes serve at once; more requests wait. */
const maxGitProcesses = 16
const sweepEveryMs = 600_000

/**
 * Starts a Git host on 127.0.0.1: real git over HTTP and a REST API shaped like GitHub's, on the same repositories.
 * Fails with E_GIT_NOT_INSTALLED, E_GIT_TOO_OLD, E_FORGE_DATA_BUSY, and with the system's error when the port is taken.
 */
export async function startForge(options: ForgeOptions): Promise<SandboxForge> {
  const { dataDir, logger = silentLogger, clock = systemClock, signal } = options
  signal?.throwIfAborted()
  await checkGitVersion(signal)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const store = open(join(dataDir, 'forge.sqlite'))
  await sweepFolders(store, dataDir)
  await sweepLeftovers(store, dataDir, clock.now())
  const sweeper = setInterval(() => void sweepLeftovers(store, dataDir, clock.now()).catch(() => {}), sweepEveryMs)
  sweeper.unref()

  const listeners = new Set<(event: PushEvent) => void>(options.onPush ? [options.onPush] : [])
  const misbehaviours = new Misbehaviours()
  const opened = new OpenRepositories(dataDir)
  let context: ForgeContext
  const running = new Set<Promise<void>>()
  const server = forgeServer(() => context, misbehaviours, running)
  const port = await listen(server, options.port ?? 0)
  const url = `http://127.0.0.1:${port}`
  const hooks = new HookSender({ store, clock, logger, url })
  const announce = (event: PushEvent) => {
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        logger.error('a push listener failed', { error: error instanceof Error ? error.message : String(error) })
      }
    }
    hooks.push(event)
  }
  const gitSlots = new Semaphore(maxGitProcesses)
  context = {
    store,
    dataDir,
    logger,
    clock,
    url,
    gitSlots,
    opened,
    hooks,
    announce,
    maxPushBytes: options.maxPushBytes ?? 256 * 1024 * 1024,
  }

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      signal?.removeEventListener('abort', onAbort)
      clearInterval(sweeper)
      const stopped = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await stopped
      // Exchanges see their connection gone and end; what they still know is recorded first.
      await Promise.all(running)
      await hooks.close()
      opened.close()
      store.close()
    })()
    return closing
  }
  const onAbort = () => void close()
  signal?.addEventListener('abort', onAbort, { once: true })
  logger.info('the sandbox forge listens', { url })
  return {
    url,
    apiUrl: `${url}/api/v3`,
    port,
    admin: forgeAdmin(context),
    onPush: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    misbehave: fault => misbehaviours.add(fault),
    behave: () => misbehaviours.clear(),
    close,
  }
}

function open(path: string): Store {
  try {
    return openStore(path)
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error)
    throw new SluiceError('E_FORGE_DATA_BUSY', { object: path, seen, cause: error })
  }
}
