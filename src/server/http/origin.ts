import { BlockList, isIP } from 'node:net'
import { SluiceError } from '../../base/errors/index.ts'

/** How the server is reached: what decides the address, the scheme and the name of a request. */
export interface Front {
  /** Whether the server itself speaks TLS. */
  readonly tls: boolean
  /** The addresses by which browsers may call it, as origins: `https://sluice.example.com`. The first one is for links. */
  readonly origins: readonly string[]
  /** Proxies whose `x-forwarded-…` headers are believed. */
  readonly proxies: BlockList
  readonly hasProxies: boolean
}

export interface Arrival {
  readonly address: string
  readonly secure: boolean
  readonly host: string
  readonly fromProxy: boolean
}

type Headers = (name: string) => string | undefined

/** Where a request comes from. Of `x-forwarded-for` the last address counts that is no proxy of ours. */
export function arrivalOf(front: Front, peer: string, header: Headers): Arrival {
  const near = plainAddress(peer)
  const fromProxy = front.hasProxies && isProxy(front, near)
  if (!fromProxy) return { address: near, secure: front.tls, host: header('host') ?? '', fromProxy }
  const chain = (header('x-forwarded-for') ?? '').split(',').map(part => plainAddress(part.trim()))
  let address = near
  for (const hop of chain.reverse()) {
    if (isIP(hop) === 0) break
    address = hop
    if (!isProxy(front, hop)) break
  }
  const proto = header('x-forwarded-proto')
  return {
    address,
    secure: proto === undefined ? front.tls : proto.split(',').at(-1)?.trim() === 'https',
    host: header('x-forwarded-host')?.split(',').at(-1)?.trim() ?? header('host') ?? '',
    fromProxy,
  }
}

/** Refuses names that are not ours: a page of another name that resolves to us would be of our origin otherwise. */
export function requireHost(front: Front, { host, secure }: Arrival): string {
  const origin = `${secure ? 'https' : 'http'}://${host.toLowerCase()}`
  const normal = URL.canParse(origin) ? new URL(origin).origin : ''
  // The scheme may be unknown behind a proxy that does not tell it: the name decides.
  const found =
    front.origins.find(known => known === normal) ?? front.origins.find(known => hostOf(known) === host.toLowerCase())
  if (found === undefined) {
    throw new SluiceError('E_REQUEST_HOST', {
      expected: front.origins.map(hostOf).join(', '),
      seen: host.slice(0, 100),
    })
  }
  return found
}

/**
 * Refuses what another site makes a browser send. Browsers say where a request comes from (`sec-fetch-site`, `origin`);
 * programs say nothing, and have no session in a cookie.
 */
export function requireSameOrigin(origin: string, header: Headers, hasCookie: boolean): void {
  const site = header('sec-fetch-site')
  const from = header('origin')
  if (site !== undefined ? site === 'same-origin' : from !== undefined ? from === origin : !hasCookie) {
    // Both are there and differ: an old browser behind a proxy, or a forged one.
    if (from === undefined || from === origin) return
  }
  throw new SluiceError('E_REQUEST_ORIGIN', { expected: origin, seen: from ?? site ?? 'no origin' })
}

/** Names and addresses of proxies as a list: `10.0.0.0/8`, `::1`. Fails with E_USAGE. */
export function proxyList(texts: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', bits] = text.split('/')
    const family = isIP(address)
    const most = family === 6 ? 128 : 32
    const length = bits === undefined ? most : Number(bits)
    if (family === 0 || !/^\d{1,3}$/.test(bits ?? '1') || length > most) {
      throw new SluiceError('E_USAGE', {
        object: '--trusted-proxy',
        expected: 'an address or network such as 10.0.0.0/8',
        seen: text,
      })
    }
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether an address is one that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function isProxy(front: Front, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && front.proxies.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

function plainAddress(text: string): string {
  return text.replace(/^::ffff:(?=\d+\.)/, '')
}

function hostOf(origin: string): string {
  return new URL(origin).host
}
