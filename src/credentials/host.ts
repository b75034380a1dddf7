import { SluiceError } from '../base/errors/index.ts'

/**
 * A host as credentials are bound to it: lower case, with its port unless it is the scheme's own, with the path of hosts
 * that live below one (`git.example.com/gitlab`); from a host, or from any address on it. Fails with E_CREDENTIAL_INVALID.
 */
export function credentialHost(text: string): string {
  const trimmed = text.trim()
  const [, scheme = '', rest = ''] = /^(?:([a-z+]+):\/\/)?(.*)$/i.exec(trimmed) ?? []
  const [, host = '', port, path = ''] =
    /^(?:[^/@\s]*@)?((?:\[[0-9a-f:.]+\])|[^/:@\s]+)(?::(\d{1,5}))?((?:\/.*)?)$/i.exec(rest) ?? []
  if (!/^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i.test(host)) {
    throw new SluiceError('E_CREDENTIAL_INVALID', {
      object: 'host',
      expected: 'a host such as github.com or git.example.com:8443',
      seen: JSON.stringify(trimmed.replace(/[^/@]*@/, '').slice(0, 80)),
    })
  }
  const own = { https: '443', http: '80', ssh: '22', '': '443' }[scheme.toLowerCase()]
  const shownPort = port === undefined || port === own ? '' : `:${port}`
  return `${host.toLowerCase()}${shownPort}${path.replace(/\/+$/, '')}`
}

/** Whether an address is on the host that a credential is bound to: same host, same port, and below its path. */
export function isOnHost(url: string, bound: string): boolean {
  let at: string
  try {
    at = credentialHost(url)
  } catch {
    return false
  }
  return at === bound || at.startsWith(`${bound}/`)
}
