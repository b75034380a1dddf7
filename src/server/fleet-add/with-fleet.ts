import type { Principal } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { version } from '../../base/version.ts'
import { type BootstrapContext, type Fleet, fitToLive } from '../../bootstrap/index.ts'
import { type Connection, openConnection, requireOpenGate } from '../../connections/index.ts'
import { defaultAuthor } from '../../forges/changes/index.ts'
import type { Forge } from '../../forges/types.ts'
import { createKubeClient, pastedKubeConfig } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ServerContext } from '../context.ts'
import type { FleetAddWish } from '../contract/fleet-add.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { fluxStep, loadFlux, placeOfEngine } from './engine.ts'
import { fleetOf } from './fleet-of.ts'
import { chooseSync } from './sync-choice.ts'

/** How long a bootstrap waits for Ready, in milliseconds; started again, it goes on waiting. */
const readyMs = 10 * 60_000

export interface AddRequest {
  readonly wish: FleetAddWish
  readonly who: Principal
  readonly signal: AbortSignal
  /** Runs what is a step of its own, such as getting Flux's manifests. */
  readonly during?: RunningJob['during']
  readonly onWait?: (wait: { readonly ms: number; readonly reason: string }) => void
}

export interface AddParts {
  readonly bootstrap: BootstrapContext
  readonly connection: Connection
  readonly fleet: Fleet
  readonly own: boolean
  readonly warnings: readonly string[]
}

/** The connection of a wish: it has to be proven, whatever is bound to it. Fails with E_GATE_CLOSED, E_CONNECTION_NOT_FOUND. */
export async function provenConnection(
  { connections, clock }: Pick<ServerContext, 'connections' | 'clock'>,
  { connection: id }: Pick<FleetAddWish, 'connection'>,
): Promise<Connection> {
  if (id === '') {
    return requireOpenGate(await connections.list(), { project: 'fleet', environment: '*' }, clock.now())
  }
  const alone = { ...(await connections.get(id)), isDefault: true, bindings: [] }
  return requireOpenGate([alone], { project: '*', environment: '*' }, clock.now())
}

/** Opens the Git host of a wish. It is closed when the work ends. */
export async function withForge<T>(
  context: ServerContext,
  { wish, onWait }: AddRequest,
  work: (connection: Connection, forge: Forge) => Promise<T>,
): Promise<T> {
  const { connections, clock, logger } = context
  const connection = await provenConnection(context, wish)
  const credential = await connections.credential(connection.id)
  const forge = openConnection(connection, credential, { clock, logger, ...(onWait && { onWait }) })
  try {
    return await work(connection, forge)
  } finally {
    await forge.close()
  }
}

/**
 * Does something with the bootstrap that a wish means: on the server's own cluster, or on the one of the kubeconfig that was
 * given with it. Nothing is written before `work` writes it.
 *
 * @throws E_GATE_CLOSED, E_FLEET_NO_SYNC without a cluster, E_FLEET_OTHER_HOST, E_KUBECONFIG_…, and what the specs are refused with
 */
export async function withFleet<T>(
  context: ServerContext,
  request: AddRequest,
  work: (parts: AddParts) => Promise<T>,
): Promise<T> {
  const { wish, who, signal, during = (_, work) => work() } = request
  const { clock, logger, dataDir, repository } = context
  return withForge(context, request, (connection, forge) =>
    withCluster(context, wish, async (client, own) => {
      const read = fleetOf(wish, connection, forge)
      const flux = wish.engine === 'flux' ? await during(fluxStep.id, () => loadFlux(wish, read, signal)) : undefined
      const fleet = await fitToLive(read, client, signal)
      const { sync, note } = await chooseSync({ forge, fleet, client, tokenAuth: wish.tokenAuth }, signal)
      const login = await forge.identify(signal).then(
        found => found.login,
        // What is wrong with the token is told by the checks.
        () => undefined,
      )
      return work({
        connection,
        fleet,
        own,
        warnings: [...fleet.warnings, ...(note === undefined ? [] : [note])],
        bootstrap: {
          fleet,
          forge,
          client,
          dataDir,
          adopt: wish.adopt,
          setCounts: wish.setCounts,
          flux,
          place: placeOfEngine(wish),
          sync,
          author: repository.authorOf(who, forge.host),
          committer: defaultAuthor(login, forge.host),
          review: wish.byRequest ? 'always' : connection.settings.review,
          clock,
          logger,
          signal,
          timeoutMs: readyMs,
          ...(context.effect && { effect: context.effect }),
        },
      })
    }),
  )
}

async function withCluster<T>(
  { client, clock, logger }: ServerContext,
  { kubeconfig }: FleetAddWish,
  work: (client: KubeClient, own: boolean) => Promise<T>,
): Promise<T> {
  if (kubeconfig === undefined) {
    if (client !== undefined) return work(client, true)
    throw new SluiceError('E_FLEET_NO_SYNC', {
      object: 'this server',
      seen: 'no cluster',
      next: 'Give the kubeconfig of the cluster, or start the server with --kubeconfig.',
    })
  }
  const access = await pastedKubeConfig(kubeconfig.text, kubeconfig.context, clock)
  const pasted = createKubeClient(access, { userAgent: `sluice/${version}`, clock, logger })
  try {
    return await work(pasted, false)
  } finally {
    await pasted.close()
  }
}
