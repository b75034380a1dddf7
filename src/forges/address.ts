import { SluiceError } from '../base/errors/index.ts'
import { isLoopback } from '../git/index.ts'
import { redact } from '../secrets/secret.ts'

/** Where a host's pages and repositories are. */
export interface WebAddress {
  /** As people write it, in lower case, with its port and path: `git.example.com:8443/gitlab`. */
  readonly host: string
  /** `https://git.example.com:8443/gitlab`, without a slash at the end. */
  readonly web: string
}

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/

/**
 * Takes a host as people write it, with or without `https://`; a path is accepted where hosts of this kind may live below
 * one. http is for this machine only. Fails with E_FORGE_ADDRESS_INVALID.
 */
export function webAddress(text: string, example: string, mayHavePath: boolean): WebAddress {
  const trimmed = text.trim().replace(/\/+$/, '')
  const bare = trimmed.replace(/^https?:\/\//i, '')
  const slash = bare.indexOf('/')
  const host = (slash < 0 ? bare : bare.slice(0, slash)).toLowerCase()
  const path = slash < 0 ? '' : bare.slice(slash)
  if (!hostPattern.test(host) || (path !== '' && (!mayHavePath || !/^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/.test(path))))
    throw invalid(text, example)
  const isHere = isLoopback(host.replace(/:\d+$/, ''))
  if (/^http:\/\//i.test(trimmed) && !isHere) throw invalid(text, example)
  const scheme = isHere && !/^https:\/\//i.test(trimmed) ? 'http' : 'https'
  return { host: `${host}${path}`, web: `${scheme}://${host}${path}` }
}

/** An API's address as given in a configuration, checked the same way. Fails with E_FORGE_ADDRESS_INVALID. */
export function checkedApiBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const good = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
  if (!good || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw invalid(text, 'https://git.example.com/api')
  return url.href.replace(/\/+$/, '')
}

function invalid(seen: string, example: string): SluiceError {
  return new SluiceError('E_FORGE_ADDRESS_INVALID', {
    expected: `a host such as ${example}`,
    seen: JSON.stringify(redact(seen.slice(0, 200))),
  })
}
