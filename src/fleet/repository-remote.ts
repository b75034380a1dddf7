import { SluiceError } from '../base/errors/index.ts'
import { pagesHost } from '../forges/index.ts'
import type { Forge } from '../forges/types.ts'
import { checkRepositoryUrl, type GitRemote } from '../git/index.ts'

/**
 * How to push to the repository that a cluster follows, with the credential of a forge. The cluster may pull over another
 * transport (SSH with a deploy key); the owner and the name in its URL count. A credential never goes to another host.
 *
 * @throws E_FLEET_OTHER_HOST
 */
export function repositoryRemote(forge: Forge, url: string): GitRemote {
  return fleetRepository(forge, url).remote
}

/** The repository that a cluster follows, on the host that its credential is for. */
export interface FleetRepository {
  readonly forge: Forge
  readonly owner: string
  readonly name: string
  readonly remote: GitRemote
}

/**
 * The same with the names that the host's API wants. A token that cannot be one of this host is not sent there.
 *
 * @throws E_FLEET_OTHER_HOST, E_TOKEN_…
 */
export function fleetRepository(forge: Forge, url: string): FleetRepository {
  const found = repositoryOn(forge, url)
  if (forge.tokenProblem) throw forge.tokenProblem
  return found
}

/**
 * Owner and name of a repository that must be on the host of a forge, whether its token is good or not.
 *
 * @throws E_FLEET_OTHER_HOST
 */
export function repositoryOn(forge: Forge, url: string): FleetRepository {
  const followed = checkRepositoryUrl(url)
  const { owner, name } = forge.namesOf(followed)
  const remote = forge.remote(owner, name)
  const ours = checkRepositoryUrl(remote.url)
  const samePort = followed.scheme === ours.scheme ? followed.port === ours.port : true
  if (pagesHost(followed) !== ours.host || !samePort) {
    throw new SluiceError('E_FLEET_OTHER_HOST', {
      object: url,
      expected: `a repository on ${forge.host}`,
      seen: followed.host,
    })
  }
  return { forge, owner, name, remote }
}
