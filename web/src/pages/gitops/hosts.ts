import type { ForgeKindName } from '../../../../src/server/contract/connections.ts'

/** Short names of the kinds of hosts, in the order in which they are offered. */
export const hostNames: Readonly<Record<ForgeKindName, string>> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  gitea: 'Gitea',
  bitbucket: 'Bitbucket Cloud',
  'bitbucket-server': 'Bitbucket Data Center',
  'azure-devops': 'Azure DevOps',
  git: 'Any Git server',
}

export const isHostKind = (text: string | undefined): text is ForgeKindName =>
  text !== undefined && Object.hasOwn(hostNames, text)

/** The address of a host's pages, from the host as people write it; undefined where it is none. */
export function hostAddress(host: string): string | undefined {
  const text = host.trim().replace(/\/+$/, '')
  if (text === '' || /\s|@/.test(text)) return undefined
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`
  return URL.canParse(address) ? address : undefined
}

/** The page where a token is made, with `{host}` filled in. */
export function tokenPageOf(page: string | undefined, host: string): string | undefined {
  if (page === undefined || !page.includes('{host}')) return page
  const address = hostAddress(host)
  return address === undefined ? undefined : page.replace('https://{host}', address)
}

/** Whether two texts mean the same host: what the server decides, near enough to say it while somebody types. */
export function sameHost(a: string, b: string): boolean {
  const plain = (text: string): string =>
    text
      .trim()
      .toLowerCase()
      .replace(/^https:\/\//, '')
      .replace(/\/+$/, '')
  return plain(a) === plain(b)
}
