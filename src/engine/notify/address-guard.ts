import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'

/** Which addresses notifications may go to. */
export interface AddressPolicy {
  /**
   * Refuses loopback, private and carrier-grade addresses too. Link-local ones (the metadata services of clouds are
   * there) are refused always.
   */
  readonly refusePrivate: boolean
}

const always = new BlockList()
always.addSubnet('169.254.0.0', 16, 'ipv4')
always.addAddress('0.0.0.0', 'ipv4')
always.addSubnet('224.0.0.0', 4, 'ipv4')
always.addAddress('255.255.255.255', 'ipv4')
always.addSubnet('fe80::', 10, 'ipv6')
always.addAddress('fd00:ec2::254', 'ipv6')
always.addAddress('::', 'ipv6')
always.addSubnet('ff00::', 8, 'ipv6')

const inside = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['240.0.0.0', 4],
] as const) {
  inside.addSubnet(net, prefix, 'ipv4')
}
for (const [net, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fec0::', 10],
  // NAT64 and 6to4 lead to IPv4 addresses of any kind.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
] as const) {
  inside.addSubnet(net, prefix, 'ipv6')
}

/** Whether an IP address may be connected to. */
export function mayConnect(address: string, { refusePrivate }: AddressPolicy): boolean {
  const plain = mappedIPv4(address) ?? address
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(plain) === 0 || always.check(plain, family)) return false
  return !refusePrivate || !inside.check(plain, family)
}

/** The IPv4 address inside `::ffff:a.b.c.d`, in whichever of its spellings, or of the old `::a.b.c.d`. */
function mappedIPv4(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined
  // The URL parser writes every IPv6 address in one way.
  const text = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1)
  const parts = /^::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text)
  if (parts === null) return undefined
  const [high, low] = [Number.parseInt(parts[1] ?? '', 16), Number.parseInt(parts[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** An address that is refused, whatever name led to it. */
export class RefusedAddress extends Error {
  readonly code = 'ERR_ADDRESS_REFUSED'

  constructor() {
    super('the address is not one that notifications may go to')
    this.name = 'RefusedAddress'
  }
}

/** Throws a {@link RefusedAddress} when the host of a URL is an IP address that is refused; names are checked as they resolve. */
export function checkHost(url: URL, policy: AddressPolicy): void {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !mayConnect(host, policy)) throw new RefusedAddress()
}

type Done = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * `dns.lookup` that only gives out addresses that may be connected to. It is called for the very connection that is
 * made, so a name that resolves differently a second time gains nothing.
 */
export function guardedLookup(policy: AddressPolicy): (host: string, options: LookupOptions, done: Done) => void {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, [])
      const good = found.filter(({ address }) => mayConnect(address, policy))
      const [first] = good
      if (first === undefined) return done(new RefusedAddress(), [])
      if (options.all) done(null, good)
      else done(null, first.address, first.family)
    })
  }
}
