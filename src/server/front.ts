import { BlockList, isIP } from 'node:net'
import { SluiceError } from '../base/errors/index.ts'
import { type Front, isLoopback, proxyList } from './http/origin.ts'
import type { ServerOptions } from './options.ts'

/**
 * Refuses to listen where others could read passwords on their way: elsewhere than on loopback there has to be TLS, or a
 * proxy that has it. Fails with E_SERVER_ADDRESS, E_USAGE.
 */
export function checkAddress({ host, port, tls, trustedProxies = [], publicUrl }: ServerOptions): void {
  if (publicUrl !== undefined) originOf(publicUrl)
  if (isLoopback(host)) return
  const object = `${host}:${port}`
  if (tls === undefined && trustedProxies.length === 0) {
    throw new SluiceError('E_SERVER_ADDRESS', {
      object,
      expected: 'TLS or a trusted proxy',
      seen: 'plain HTTP that others can reach',
    })
  }
  if (publicUrl === undefined && (host === '0.0.0.0' || host === '::')) {
    throw new SluiceError('E_SERVER_ADDRESS', {
      object,
      expected: 'the address that browsers use',
      seen: 'none',
      next: 'Add --public-url https://NAME: requests for other names are refused.',
    })
  }
}

/** How the server is reached, once its port is known. */
export function frontOf({ host, tls, publicUrl, trustedProxies = [] }: ServerOptions, port: number): Front {
  const scheme = tls === undefined ? 'http' : 'https'
  const names = isLoopback(host) ? ['127.0.0.1', 'localhost', '[::1]'] : [isIP(host) === 6 ? `[${host}]` : host]
  const own = names.map(name => new URL(`${scheme}://${name}:${port}`).origin)
  return {
    tls: tls !== undefined,
    origins: [...new Set([...(publicUrl === undefined ? [] : [originOf(publicUrl)]), ...own])],
    proxies: trustedProxies.length === 0 ? new BlockList() : proxyList(trustedProxies),
    hasProxies: trustedProxies.length > 0,
  }
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.username !== ''
  ) {
    throw new SluiceError('E_USAGE', {
      object: '--public-url',
      expected: 'an address such as https://sluice.example.com',
      seen: text,
    })
  }
  return url.origin
}
