import { checkedApiBase, webAddress } from '../address.ts'

/** Where the parts of one GitLab are. */
export interface GitLabAddresses {
  /** Host as people write it, with its port and relative URL root. */
  readonly host: string
  readonly web: string
  readonly apiBase: string
}

/**
 * The addresses of a GitLab: the API is at HOST/api/v4, below the relative URL root when the instance has one
 * (`git.example.com/gitlab`). http is used for this machine only. Fails with E_FORGE_ADDRESS_INVALID.
 */
export function gitLabAddresses(text: string, apiBase?: string): GitLabAddresses {
  const { host, web } = webAddress(text.replace(/\/api\/v4\/?$/, ''), 'gitlab.com or git.example.com/gitlab', true)
  const isDotCom = host === 'www.gitlab.com'
  const root = isDotCom ? 'https://gitlab.com' : web
  return {
    host: isDotCom ? 'gitlab.com' : host,
    web: root,
    apiBase: apiBase === undefined ? `${root}/api/v4` : checkedApiBase(apiBase),
  }
}
