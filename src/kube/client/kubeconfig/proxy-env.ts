import { BlockList, isIP } from 'node:net'
import type { Environment } from './files.ts'

/**
 * The forward proxy that the environment names for a server, by Go's rules: HTTPS_PROXY or HTTP_PROXY (small letters
 * too), never for this machine itself, and not for what NO_PROXY lists (names with their subdomains, addresses,
 * networks, `host:port`, `*`).
 */
export function proxyFromEnvironment(server: string, env: Environment): string | undefined {
  const url = new URL(server)
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = env[name] || env[name.toLowerCase()]
  if (!proxy || isExempt(url, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true
  return list
    .split(',')
    .map(entry => entry.trim().toLowerCase())
    .some(entry => entry === '*' || (entry !== '' && matches(entry, host, port)))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return inNetwork(entry, host)
  const colon = entry.lastIndexOf(':')
  const withPort = colon > 0 && (entry.indexOf(':') === colon || entry.includes(']'))
  if (withPort && entry.slice(colon + 1) !== port) return false
  const name = (withPort ? entry.slice(0, colon) : entry).replace(/^\[|\]$/g, '')
  if (isIP(name)) return name === host
  // `.example.com` is for subdomains only, `example.com` for itself too.
  const bare = name.replace(/^\*?\./, '')
  return host.endsWith(`.${bare}`) || (bare === name && host === bare)
}

function inNetwork(entry: string, host: string): boolean {
  const [address = '', bits = ''] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || isIP(host) !== family || !/^[0-9]{1,3}$/.test(bits)) return false
  const type = family === 6 ? 'ipv6' : 'ipv4'
  if (Number(bits) > (family === 6 ? 128 : 32)) return false
  const network = new BlockList()
  network.addSubnet(address, Number(bits), type)
  return network.check(host, type)
}
