import { SluiceError } from '../../base/errors/index.ts'
import { isLoopback } from '../../git/index.ts'
import { redact } from '../../secrets/secret.ts'

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
export function gitHubAddresses(host: string, apiBase?: string): GitHubAddresses {
  const text = host.trim().toLowerCase().replace(/\/+$/, '')
  const bare = text.replace(/^https?:\/\//, '')
  if (!/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(bare)) throw invalid(host)
  const name = bare.replace(/:\d+$/, '')
  if (text.startsWith('http://') && !isLoopback(name)) throw invalid(host)
  const scheme = isLoopback(name) && !text.startsWith('https://') ? 'http' : 'https'
  const web = bare === 'api.github.com' || bare === 'www.github.com' ? 'https://github.com' : `${scheme}://${bare}`
  return {
    host: web.slice(web.indexOf('//') + 2),
    web,
    apiBase: apiBase === undefined ? defaultBase(web) : checkedBase(apiBase),
  }
}

function defaultBase(web: string): string {
  if (web === 'https://github.com') return 'https://api.github.com'
  const tenant = /^https:\/\/([a-z0-9-]+\.ghe\.com)$/.exec(web)
  return tenant ? `https://api.${tenant[1]}` : `${web}/api/v3`
}

function checkedBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const good = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
  if (!good || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw invalid(text)
  return url.href.replace(/\/+$/, '')
}

function invalid(seen: string): SluiceError {
  return new SluiceError('E_FORGE_ADDRESS_INVALID', {
    expected: 'a host such as github.com',
    seen: JSON.stringify(redact(seen.slice(0, 200))),
  })
}
