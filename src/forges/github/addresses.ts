import { checkedApiBase, webAddress } from '../address.ts'

/** Where the parts of one GitHub are. */
export interface GitHubAddresses {
  /** Host as people write it, in lower case, with its port. */
  readonly host: string
  /** Where repositories and pages are: `https://github.com`. */
  readonly web: string
  readonly apiBase: string
}

/**
 * The addresses of a GitHub host: github.com has its API at api.github.com, SUB.ghe.com at api.SUB.ghe.com, and
 * Enterprise Server at HOST/api/v3. http is used for this machine only. Fails with E_FORGE_ADDRESS_INVALID.
 */
export function gitHubAddresses(text: string, apiBase?: string): GitHubAddresses {
  const given = webAddress(text, 'github.com', false)
  const isDotCom = given.host === 'api.github.com' || given.host === 'www.github.com'
  const { host, web } = isDotCom ? { host: 'github.com', web: 'https://github.com' } : given
  return { host, web, apiBase: apiBase === undefined ? defaultBase(web) : checkedApiBase(apiBase) }
}

function defaultBase(web: string): string {
  if (web === 'https://github.com') return 'https://api.github.com'
  const tenant = /^https:\/\/([a-z0-9-]+\.ghe\.com)$/.exec(web)
  return tenant ? `https://api.${tenant[1]}` : `${web}/api/v3`
}
