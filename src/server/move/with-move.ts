import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Principal } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { type Connection, openConnection, requireOpenGate } from '../../connections/index.ts'
import { type FleetSync, findFleetSync } from '../../fleet/find-sync.ts'
import { type FleetRepository, fleetRepository, repositoryOn } from '../../fleet/repository-remote.ts'
import { defaultAuthor } from '../../forges/changes/index.ts'
import { type Forge, gitAddress, namesIn } from '../../forges/index.ts'
import { openMirror } from '../../git/index.ts'
import { type MoveContext, movedFromAnnotation, movingSecret } from '../../gitops/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ServerContext } from '../context.ts'
import type { MoveWishView } from '../contract/move.ts'

/** A move is given up after so long, in milliseconds; started again, it goes on. */
const moveMs = 10 * 60_000

export interface MoveRequest {
  /** The connection to move to. */
  readonly connection: Connection
  readonly wish: MoveWishView
  readonly who: Principal
  readonly signal: AbortSignal
}

/**
 * Does something with the move of the fleet to the place that a connection reaches. The connection has to be proven. The cluster
 * then fetches with the connection's token; with what it fetches now where the repository stays.
 *
 * @throws E_GATE_CLOSED, E_FLEET_NO_SYNC, E_FLEET_OTHER_HOST, E_GITOPS_NOTHING_TO_CHANGE, E_USAGE
 */
export async function withMove<T>(
  context: ServerContext,
  request: MoveRequest,
  work: (move: MoveContext, target: string) => Promise<T>,
): Promise<T> {
  const { client, clock, dataDir, logger } = context
  const { connection, wish, who, signal } = request
  if (client === undefined) throw new SluiceError('E_FLEET_NO_SYNC', { object: 'this server', seen: 'no cluster' })
  // It is this very connection that has to hold, whatever is bound to it.
  const alone = { ...connection, isDefault: true, bindings: [] }
  requireOpenGate([alone], { project: '*', environment: '*' }, clock.now())
  const live = await findFleetSync(client, signal)
  const opened: Forge[] = []
  const open = async (one: Connection): Promise<Forge> => {
    const forge = openConnection(one, await context.connections.credential(one.id), { clock, logger })
    opened.push(forge)
    return forge
  }
  const parent = join(dataDir, 'mirrors')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'move-'))
  try {
    const forge = await open(connection)
    const url = await urlBefore(client, live, signal)
    const old = await oldPlace(context, connection, forge, url, open)
    const wanted = targetOf(connection, forge, old, wish)
    const isOther = !isSame(wanted, live.url)
    const target = isOther || old === undefined ? wanted : old
    const { branch, path } = wish
    const changes = isOther || (branch ?? live.branch) !== live.branch || (path ?? live.path) !== live.path
    if (!changes && url === live.url) {
      throw new SluiceError('E_GITOPS_NOTHING_TO_CHANGE', {
        object: titleOf(target, live, wish),
        next: 'Name another repository, branch or folder: the cluster follows this one.',
      })
    }
    const { login } = await forge.identify(signal)
    const mirror = await openMirror(join(dir, 'copy'))
    try {
      const move: MoveContext = {
        client,
        dataDir,
        mirror,
        old,
        target,
        isOtherRepository: isOther,
        wish: { ...(branch === undefined ? {} : { branch }), ...(path === undefined ? {} : { path }) },
        ...(isOther ? { sync: { credential: 'token' } as const } : {}),
        note: true,
        review: connection.settings.review,
        author: context.repository.authorOf(who, forge.host),
        committer: defaultAuthor(login, forge.host),
        clock,
        logger,
        signal,
        timeoutMs: moveMs,
      }
      return await work(move, titleOf(target, live, wish))
    } finally {
      mirror.close()
    }
  } finally {
    for (const forge of opened) await forge.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** The address that was followed before a move that was ended when the cluster had switched already. */
async function urlBefore(client: KubeClient, live: FleetSync, signal: AbortSignal): Promise<string> {
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace: live.namespace, name: movingSecret }
  const secret = await client.find(ref, { signal })
  return secret?.metadata.annotations?.[movedFromAnnotation] ?? live.url
}

/** The repository that is followed, by whichever connection is for its host; undefined when none is. */
async function oldPlace(
  context: ServerContext,
  target: Connection,
  targetForge: Forge,
  url: string,
  open: (one: Connection) => Promise<Forge>,
): Promise<FleetRepository | undefined> {
  const others = (await context.connections.list()).filter(one => one.id !== target.id)
  for (const one of [target, ...others]) {
    const forge = one === target ? targetForge : await open(one)
    try {
      return fleetRepository(forge, url)
    } catch {
      // Another host.
    }
  }
  return undefined
}

function targetOf(
  connection: Connection,
  forge: Forge,
  old: FleetRepository | undefined,
  { repository }: MoveWishView,
): FleetRepository {
  const { settings, host, kind } = connection
  const text = repository?.trim() ?? ''
  const names = (): { readonly owner: string; readonly name: string } => {
    if (kind === 'git') return forge.namesOf(gitAddress(host))
    if (text !== '') return namesIn({ path: text })
    return old?.forge === forge ? old : { owner: settings.owner, name: settings.repository }
  }
  const { owner, name } = names()
  if (name === '' || (owner === '' && kind !== 'git'))
    throw new SluiceError('E_USAGE', { object: 'the repository to move to', expected: 'owner/name', seen: text })
  return { forge, owner, name, remote: forge.remote(owner, name) }
}

function isSame(target: FleetRepository, url: string): boolean {
  try {
    const { owner, name } = repositoryOn(target.forge, url)
    return owner.toLowerCase() === target.owner.toLowerCase() && name === target.name
  } catch {
    return false
  }
}

function titleOf({ owner, name, forge, remote }: FleetRepository, live: FleetSync, wish: MoveWishView): string {
  const repository = owner === '' ? remote.url : `${owner}/${name} on ${forge.host}`
  const path = wish.path ?? live.path
  return `${repository}, branch ${wish.branch ?? live.branch}, folder ${path === '' ? '/' : path}`
}
