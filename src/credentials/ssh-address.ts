import type { ForgeKind } from '../forges/types.ts'
import { checkRepositoryUrl } from '../git/index.ts'

/** Port of Bitbucket Data Center's SSH server, as it is installed. */
const bitbucketServerPort = 7999

/**
 * The ssh address of a repository, from its https one: `ssh://git@host/owner/name`, as `flux bootstrap` writes it. The host
 * of `sshHost` (`[user@]host[:port]`, Flux's --ssh-hostname) takes the place of the one in the address. Fails with
 * E_GIT_URL_INVALID.
 */
export function sshAddress(kind: ForgeKind, cloneUrl: string, sshHost?: string): string {
  const { host, path } = checkRepositoryUrl(cloneUrl)
  const bare = path.replace(/\.git$/, '')
  const azure = kind === 'azure-devops' ? /^\/([^/]+)\/([^/]+)\/_git\/([^/]+)$/.exec(bare) : null
  const place =
    sshHost ?? (azure ? `ssh.${host}` : kind === 'bitbucket-server' ? `${host}:${bitbucketServerPort}` : host)
  const user = place.includes('@') ? '' : 'git@'
  const shown = azure
    ? `/v3/${azure[1]}/${azure[2]}/${azure[3]}`
    : kind === 'bitbucket-server'
      ? `${bare.replace(/^\/scm\//, '/')}.git`
      : bare
  return checkRepositoryUrl(`ssh://${user}${place}${shown}`).href
}
