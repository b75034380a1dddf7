import { setMaxListeners } from 'node:events'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { ApiTokens, LoginLimiter, randomId, Sessions, SetupLink, Users } from '../access/index.ts'
import { OidcSignIn } from '../access/oidc.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import { Connections } from '../connections/index.ts'
import { lockFolder } from '../local/lock.ts'
import { fileKeyring, givenKeyring, openStore, sealedValues } from '../store/index.ts'
import { recordStages } from './applications/record-stages.ts'
import { Troubles } from './applications/troubles.ts'
import { Audit } from './audit.ts'
import { ClusterCache } from './cluster-cache.ts'
import { serveConsole } from './console.ts'
import type { ServerContext } from './context.ts'
import { FleetState } from './fleet/index.ts'
import { sweepPlans } from './fleet-add/plans.ts'
import { FluxObjects } from './flux/flux-objects.ts'
import { checkAddress, frontOf } from './front.ts'
import { KeptAnswers } from './http/kept-answers.ts'
import { mount } from './http/mount.ts'
import { isLoopback } from './http/origin.ts'
import { RateLimiter } from './http/rate-limit.ts'
import { Jobs } from './jobs/jobs.ts'
import { keepAlive } from './keep-alive.ts'
import { keepProving } from './keep-proving.ts'
import { listen } from './listen.ts'
import { LiveHub } from './live/hub.ts'
import { Members } from './members.ts'
import { serverMetrics } from './metrics.ts'
import type { ServerOptions } from './options.ts'
import { Periodic } from './periodic.ts'
import { recordSync } from './record-sync.ts'
import { FollowedRepository } from './repository/index.ts'
import { resumeJobs } from './resume-jobs.ts'
import { declaredRoutes } from './routes/index.ts'
import { watchReconciliation } from './watch-reconciliation.ts'

/** The console loads some 30 files and asks some 10 things for a page. */
const defaultRate = { perSecond: 100, burst: 500 }

/** A server that answers. */
export interface RunningServer {
  /** The address for browsers: `http://127.0.0.1:4480`. */
  readonly url: string
  /** The address that it listens on; another one than `url` behind a proxy. */
  readonly localUrl: string
  readonly context: ServerContext
  /** The link that sets the administrator; undefined once there is one. It is a secret. */
  readonly setupUrl: string | undefined
  /** Stops in order: takes no more requests, ends streams and jobs, closes the store. Safe to call twice. */
  close(): Promise<void>
}

/** Where a server keeps its files, in the data folder of Sluice. */
export function serverFiles(dataDir: string): {
  readonly lock: string
  readonly database: string
  readonly key: string
} {
  return {
    lock: join(dataDir, 'server.lock'),
    database: join(dataDir, 'sluice.db'),
    key: join(dataDir, 'keys', 'server.key'),
  }
}

/**
 * Starts the server: store, rights, API, live events and the console.
 *
 * @example
 * const server = await startServer({ dataDir: '.sluice/server', host: '127.0.0.1', port: 4480, clock: systemClock })
 *
 * @throws E_SERVER_ADDRESS, E_ALREADY_RUNNING, E_STORE_…
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataDir, clock } = options
  const logger = options.logger ?? silentLogger
  checkAddress(options)
  const closers: (() => Promise<unknown> | unknown)[] = []
  const close = once(async () => {
    for (const one of closers.reverse()) {
      try {
        await one()
      } catch (error) {
        logger.error('a part of the server did not stop cleanly', { error: String(error) })
      }
    }
  })
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await chmod(dataDir, 0o700)
    const files = serverFiles(dataDir)
    const lock = await lockFolder(files.lock)
    closers.push(() => lock.release())
    const place = options.databaseUrl === undefined ? { file: files.database } : { url: options.databaseUrl }
    const store = await openStore({ place, clock, logger })
    closers.push(() => store.close())
    let app: Hono | undefined
    const listener = await listen(options, () => app)
    closers.push(() => listener.close())
    const context = await contextOf(options, store, listener.port, logger, closers)
    const setup = await context.access.setup.renew()
    app = mount({
      context,
      routes: [...declaredRoutes(), ...(options.extraRoutes ?? [])],
      limiter: new RateLimiter(options.rateLimit ?? defaultRate, clock),
      fallback: serveConsole(options.webDir ?? ''),
    })
    // First of all at the end: no new requests, and streams end, so that the requests under way can.
    closers.push(() => {
      const closed = listener.close()
      context.live.close()
      return closed
    })
    const url = context.front.origins[0]!
    const localUrl = context.front.origins.at(options.publicUrl === undefined ? 0 : 1) ?? url
    logger.info('the server answers', { url, store: store.kind })
    return {
      url,
      localUrl,
      context,
      setupUrl: setup === undefined ? undefined : `${url}/setup#${setup.reveal()}`,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function contextOf(
  options: ServerOptions,
  store: ServerContext['store'],
  port: number,
  logger: Logger,
  closers: (() => Promise<unknown> | unknown)[],
): Promise<ServerContext> {
  const { clock, dataDir } = options
  const serverId = randomId()
  const end = new AbortController()
  // Everything that waits in the server listens to its end.
  setMaxListeners(0, end.signal)
  const keyring =
    options.keys === undefined
      ? await fileKeyring(options.keyFile ?? serverFiles(dataDir).key)
      : givenKeyring(options.keys)
  const live = new LiveHub(store.messages, clock, logger)
  const audit = new Audit(store, clock, logger, live)
  const jobs = new Jobs({ store, clock, logger, live, audit, serverId })
  const periodic = new Periodic({ store, clock, logger, serverId, signal: end.signal })
  const limiter = new LoginLimiter(clock)
  const users = new Users(store, clock)
  const secrets = sealedValues(keyring, clock)
  const connections = new Connections(store, secrets, clock)
  const { client } = options
  const parts = { client, connections, clock, logger, live, dataDir, signal: end.signal }
  const repository = new FollowedRepository(parts)
  const cluster = client && new ClusterCache(client, clock, logger)
  const context: ServerContext = {
    store,
    secrets,
    keyring,
    connections,
    clock,
    logger,
    live,
    jobs,
    periodic,
    audit,
    metrics: serverMetrics(live, () => jobs.running, store),
    access: {
      users,
      sessions: new Sessions(store, clock, limiter),
      tokens: new ApiTokens(store, clock),
      setup: new SetupLink(store, clock, users),
      limiter,
      oidc:
        options.oidc === undefined
          ? undefined
          : new OidcSignIn(options.oidc, { store, clock, cookieKey: await keyring.derive('sign-in cookie') }),
    },
    repository,
    fleet: new FleetState({ ...parts, cluster, repository }),
    client,
    flux: cluster && new FluxObjects(cluster),
    troubles: new Troubles(),
    kept: new KeptAnswers(),
    reconciliation: client && cluster && watchReconciliation(client, cluster, clock, logger, live),
    dataDir,
    front: frontOf(options, port),
    local: isLoopback(options.host) && options.publicUrl === undefined && (options.trustedProxies ?? []).length === 0,
    serverId,
    ...(options.effect && { effect: options.effect }),
    signal: end.signal,
  }
  const members = new Members(store, clock, logger, serverId, options.beatEveryMs)
  await members.join()
  resumeJobs(context)
  const alive = keepAlive(context, members)
  keepProving(context, options.proveEveryMs)
  sweepPlans(context)
  const looking = repository.keepFresh()
  const recording = recordStages(context)
  if (context.reconciliation !== undefined) recordSync(context, context.reconciliation)
  await jobs.takeOrphans()
  closers.push(async () => {
    end.abort()
    context.reconciliation?.stop()
    await jobs.close()
    await alive
    await looking
    context.flux?.stop()
    cluster?.stop()
    await recording
    await periodic.close()
    await members.leave()
  })
  return context
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}
