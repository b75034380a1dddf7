import { type Clock, systemClock } from '../base/clock.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import { version } from '../base/version.ts'
import { type EngineEvent, startEngine } from '../engine/index.ts'
import { createKubeClient, loadKubeConfig } from '../kube/client/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import { type SandboxCluster, startCluster } from '../sandbox/index.ts'
import { eksaAdmission, installEksaCrds, type Machines, startMachines } from '../sandbox/machines/index.ts'
import type { Secret } from '../secrets/secret.ts'
import { ensureAccounts } from './accounts.ts'
import { lockFolder } from './lock.ts'
import { freePorts, requirePort } from './ports.ts'
import { dataPaths, readSandboxState, type SandboxState, writeSandboxState } from './state.ts'

/** How the local system is started. */
export interface LocalOptions {
  readonly dataDir: string
  /** Organization that owns the fleet's repository on the forge; made when it is not there. */
  readonly organization: string
  readonly user?: string
  /** Namespace of the fleet's own objects, which act with the engine's rights; `flux-system` when absent. */
  readonly systemNamespace?: string
  readonly clock?: Clock
  readonly logger?: Logger
  readonly signal: AbortSignal
  /** How long a machine takes to become Ready, in milliseconds. */
  readonly machineReadyAfterMs?: number
  /** Whether an engine runs in this process; true when absent. */
  readonly engine?: boolean
  readonly onEngineEvent?: (event: EngineEvent) => void
  readonly onPush?: (event: {
    readonly repository: string
    readonly ref: string
    readonly commit: string
    readonly pusher: string
  }) => void
}

/** The whole system in one process: Git host, Kubernetes API server, machines and engine. */
export interface LocalSystem {
  readonly state: SandboxState
  readonly cluster: SandboxCluster
  readonly forge: SandboxForge
  readonly client: KubeClient
  /** Token of the sandbox's user on the forge. */
  readonly token: Secret
  readonly kubeconfigPath: string
  /** Ends everything in order; safe to call twice. */
  close(): Promise<void>
}

/**
 * Starts the sandbox and the engine on one data folder. Started again, it goes on where it was.
 *
 * @throws E_ALREADY_RUNNING, E_PORT_IN_USE, E_CLUSTER_…, E_FORGE_…
 */
export async function startLocal(options: LocalOptions): Promise<LocalSystem> {
  const { dataDir, signal } = options
  const clock = options.clock ?? systemClock
  const logger = options.logger ?? silentLogger
  const paths = dataPaths(dataDir)
  const closers: (() => Promise<unknown>)[] = []
  const close = once(async () => {
    // The reverse of the start: who writes stops before what is written to.
    for (const one of closers.reverse())
      await one().catch(error => logger.error('a part did not stop cleanly', { error: String(error) }))
  })
  const keep = <T>(part: T, end: (part: T) => Promise<unknown>): T => {
    closers.push(() => end(part))
    return part
  }
  try {
    keep(await lockFolder(paths.lock), lock => lock.release())
    const state = await sandboxState(dataDir, options)
    const [forge, cluster] = await Promise.all([
      startForge({ dataDir: paths.forge, port: state.forgePort, clock, logger }),
      startCluster({
        dataDir: paths.cluster,
        port: state.clusterPort,
        kubeconfigPath: paths.kubeconfig,
        admission: [eksaAdmission()],
        clock,
        logger,
      }),
    ])
    keep(forge, one => one.close())
    keep(cluster, one => one.close())
    signal.throwIfAborted()
    const token = await ensureAccounts(forge, state, paths.token)
    const access = await loadKubeConfig({ path: paths.kubeconfig, env: {} })
    const client = keep(createKubeClient(access, { userAgent: `sluice/${version}`, clock, logger }), one => one.close())
    await installEksaCrds(client, { signal })
    keep<Machines>(
      await startMachines({
        client,
        clock,
        logger,
        ...(options.machineReadyAfterMs === undefined ? {} : { readyAfterMs: options.machineReadyAfterMs }),
      }),
      one => one.close(),
    )
    // It leads and works as soon as the kinds that bootstrap installs are there: nobody has to wait for it here.
    const engine =
      options.engine === false
        ? undefined
        : keep(
            startEngine({
              client,
              dataDir: paths.engine,
              ...(options.systemNamespace === undefined
                ? {}
                : { tenancy: { systemNamespaces: [options.systemNamespace] } }),
              clock,
              logger,
              ...(options.onEngineEvent ? { onEvent: options.onEngineEvent } : {}),
            }),
            async one => (await one).close(),
          )
    engine?.catch(error => logger.error('the engine did not start', { error: String(error) }))
    forge.onPush(event => {
      const repository = `${event.owner}/${event.repo}`
      const push = { url: `${forge.url}/${repository}.git`, ref: event.ref, commit: event.after }
      void engine?.then(one => one.notifyPush(push)).catch(() => {})
      options.onPush?.({ repository, ref: event.ref, commit: event.after, pusher: event.pusher })
    })
    return { state, cluster, forge, client, token, kubeconfigPath: paths.kubeconfig, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function sandboxState(dataDir: string, options: LocalOptions): Promise<SandboxState> {
  const kept = await readSandboxState(dataDir)
  if (kept) {
    await requirePort(kept.forgePort, `the sandbox forge of ${dataDir}`)
    await requirePort(kept.clusterPort, `the sandbox cluster of ${dataDir}`)
    if (kept.serverPort !== undefined) {
      await requirePort(kept.serverPort, `the console of ${dataDir}`)
      return { ...kept, organization: options.organization }
    }
    const [serverPort = 0] = await freePorts(1)
    await writeSandboxState(dataDir, { ...kept, serverPort })
    return { ...kept, serverPort, organization: options.organization }
  }
  const [forgePort = 0, clusterPort = 0, serverPort = 0] = await freePorts(3)
  const state = { forgePort, clusterPort, serverPort, organization: options.organization, user: options.user ?? 'octo' }
  await writeSandboxState(dataDir, state)
  return state
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}
