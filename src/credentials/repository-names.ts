import { checkRepositoryUrl } from '../git/index.ts'

/**
 * Owner and name as an address on a host tells them, by any transport: without the path that the host lives below, and
 * without what some hosts put in between (`/scm/` of Bitbucket Data Center, `/_git/` and `/v3/` of Azure DevOps).
 */
export function repositoryNames(url: string, host: string): { readonly owner: string; readonly name: string } {
  const { path } = checkRepositoryUrl(url, { allowPlainHttp: true })
  const below = host.includes('/') ? host.slice(host.indexOf('/')) : ''
  const bare = below !== '' && path.startsWith(`${below}/`) ? path.slice(below.length) : path
  const parts = bare
    .replace(/\.git$/, '')
    .replace(/^\/(?:scm|v3)\//, '/')
    .split('/')
    .filter(part => part !== '' && part !== '_git')
  return { owner: parts.slice(0, -1).join('/'), name: parts.at(-1) ?? '' }
}
