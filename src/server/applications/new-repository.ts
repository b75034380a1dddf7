import { SluiceError } from '../../base/errors/index.ts'
import { type FileTree, memoryTree } from '../../base/file-tree.ts'
import { type Connection, repositoryNameFor } from '../../connections/index.ts'
import type { FleetRepository } from '../../fleet/repository-remote.ts'
import type { Forge, ForgeRepository } from '../../forges/types.ts'
import type { Mirror } from '../../git/index.ts'
import type { ServerContext } from '../context.ts'
import type { RepositoryState } from '../repository/index.ts'
import { requireGate } from '../require-gate.ts'
import type { OwnKey } from './own-key.ts'
import { planKey } from './plan-key.ts'

/** A repository that is to be an application's own, as it is before anything was written. */
export interface NewHome {
  readonly connection: Connection
  /** `acme/shop-config`. */
  readonly title: string
  readonly url: string
  readonly branch: string
  /** Undefined: it is not there. */
  readonly id: string | undefined
  readonly mirror: Mirror
  /** '' when it has no commit. */
  readonly tip: string
  readonly tree: FileTree
  /** Set when it has to be made. */
  readonly make: NewRepository | undefined
  /** Set where the cluster fetches the fleet over SSH: its key there is good for that one repository. */
  readonly key: OwnKey | undefined
}

export interface NewRepository {
  readonly owner: string
  readonly name: string
  readonly personal: boolean
  readonly private: boolean
}

/**
 * Looks which repository a new application gets by the template of its connection, and whether it is there. Reads only.
 *
 * @throws E_GATE_CLOSED, E_APP_REPOSITORY, E_FLEET_OTHER_HOST, E_FORGE_…, E_GIT_…, E_KUBE_…
 */
export async function lookAtRepository(
  { repository, ...context }: ServerContext,
  fleet: RepositoryState,
  { app, project }: { readonly app: string; readonly project: string },
): Promise<NewHome> {
  const connection = await requireGate(context, { project, environment: '*' })
  const refuse = (facts: { object?: string; expected?: string; seen: string; next?: string }) =>
    new SluiceError('E_APP_REPOSITORY', { object: `application ${app}`, ...facts })
  const { owner, personal, repositoryTemplate, visibility, branch: wanted } = connection.settings
  const name = repositoryNameFor(repositoryTemplate, { app, project })
  const { signal } = context
  return repository.reach.open(connection, fleet.sync.url, async (fleets: FleetRepository) => {
    const { forge } = fleets
    if (!forge.capabilities.createRepository || owner === '')
      throw refuse({ expected: 'a host that makes repositories', seen: forge.host })
    const title = `${owner}/${name}`
    const { url } = forge.remote(owner, name)
    const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
    if (same(fleets.owner, owner) && same(fleets.name, name))
      throw refuse({ object: title, expected: 'another repository', seen: "the fleet's own" })
    for (const other of fleet.own.values())
      if (same(other.pointer.url, url))
        throw refuse({ object: title, expected: 'another repository', seen: `that of application ${other.app}` })
    const found = await forge.repository(owner, name, signal)
    const mirror = await repository.reach.mirror(url)
    const isBySsh = fleet.sync.url.startsWith('ssh://')
    const keyOn = async (branch: string) =>
      isBySsh ? planKey({ ...context, repository }, fleet, { app, title, url, branch, forge }) : undefined
    const base = { connection, title, url, mirror }
    if (found === undefined) {
      const make = { owner, name, personal, private: visibility !== 'public' }
      const branch = wanted || 'main'
      return { ...base, branch, id: undefined, tip: '', tree: memoryTree({}), make, key: await keyOn(branch) }
    }
    if (found.archived || found.deletionOn !== undefined)
      throw refuse({ object: title, expected: 'a repository that can be written to', seen: 'an archived one' })
    const id = idOf(forge, found)
    const branch = found.empty === true ? wanted || 'main' : found.defaultBranch
    const key = await keyOn(branch)
    // A token that may not read its deploy keys may add none.
    if (key !== undefined) await forge.deployKeys(owner, name, signal)
    const tip = await tipOf(forge, found, mirror, branch, signal)
    const tree = tip === '' ? memoryTree({}) : mirror.tree(tip)
    return { ...base, branch, id, tip, tree, make: undefined, key }
  })
}

/** @throws E_APP_REPOSITORY for a host that tells none: then nobody could know the repository from another one */
export function idOf({ host }: Pick<Forge, 'host'>, { owner, name, id }: ForgeRepository): string {
  if (id !== undefined && id !== '') return id
  throw new SluiceError('E_APP_REPOSITORY', {
    object: `${owner}/${name}`,
    expected: 'an id that the host knows the repository by',
    seen: `none from ${host}`,
  })
}

async function tipOf(
  forge: Forge,
  found: ForgeRepository,
  mirror: Mirror,
  branch: string,
  signal: AbortSignal,
): Promise<string> {
  if (found.empty === true) return ''
  try {
    const options = { depth: Number.POSITIVE_INFINITY, signal }
    return (await mirror.fetch(forge.remote(found.owner, found.name), `refs/heads/${branch}`, options)).commit
  } catch (error) {
    const isEmpty =
      error instanceof SluiceError && (error.code === 'E_GIT_EMPTY_REPOSITORY' || error.code === 'E_GIT_REF_NOT_FOUND')
    if (isEmpty) return ''
    throw error
  }
}
