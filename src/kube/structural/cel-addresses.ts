import { BlockList, isIP, SocketAddress } from 'node:net'
import type { Environment } from '@marcbachmann/cel-js'

/** An address of the `ip()` function. */
class CelIp {
  readonly text: string
  readonly family: 4 | 6
  constructor(text: string) {
    this.family = isIP(text) as 4 | 6
    this.text = canonical(text)
  }
}

/** A range of the `cidr()` function. */
class CelCidr {
  readonly ip: CelIp
  readonly length: number
  constructor(ip: CelIp, length: number) {
    this.ip = ip
    this.length = length
  }

  contains(ip: CelIp): boolean {
    if (ip.family !== this.ip.family) return false
    const list = new BlockList()
    list.addSubnet(this.ip.text, this.length, familyOf(this.ip))
    return list.check(ip.text, familyOf(ip))
  }
}

function familyOf(ip: CelIp): 'ipv4' | 'ipv6' {
  return ip.family === 4 ? 'ipv4' : 'ipv6'
}

function canonical(text: string): string {
  return isIP(text) === 6 ? new SocketAddress({ address: text, family: 'ipv6' }).address : text
}

function validIp(text: string): boolean {
  // Zones and IPv4-mapped addresses are refused, as netip-based parsing in Kubernetes does.
  return isIP(text) !== 0 && !text.includes('%') && !/^::ffff:\d+\./i.test(text)
}

function parseCidr(text: string): CelCidr | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  if (match === null || !validIp(match[1]!)) return undefined
  const ip = new CelIp(match[1]!)
  const length = Number(match[2])
  return length <= (ip.family === 4 ? 32 : 128) ? new CelCidr(ip, length) : undefined
}

/** Kubernetes' IP and CIDR libraries. */
export function registerAddresses(env: Environment): void {
  const IP = 'net.IP'
  const CIDR = 'net.CIDR'
  env.registerType(IP, { ctor: CelIp, fields: {} })
  env.registerType(CIDR, { ctor: CelCidr, fields: {} })
  const ip = (text: string): CelIp => {
    if (!validIp(text)) throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string`)
    return new CelIp(text)
  }
  const cidr = (text: string): CelCidr => {
    const range = parseCidr(text)
    if (range === undefined) throw new Error(`CIDR ${JSON.stringify(text)} parse error during conversion from string`)
    return range
  }
  const within = (address: CelIp, ranges: readonly string[]): boolean =>
    ranges.some(range => parseCidr(range)?.contains(address) ?? false)
  env.registerFunction(`ip(string): ${IP}`, ip)
  env.registerFunction('isIP(string): bool', (text: string) => validIp(text))
  env.registerFunction(`string(${IP}): string`, (address: CelIp) => address.text)
  env.registerOperator(`${IP} == ${IP}`, (a: CelIp, b: CelIp) => a.text === b.text)
  env.registerFunction(`${IP}.family(): int`, (address: CelIp) => BigInt(address.family))
  env.registerFunction(`${IP}.isUnspecified(): bool`, (a: CelIp) => a.text === '0.0.0.0' || a.text === '::')
  env.registerFunction(`${IP}.isLoopback(): bool`, (a: CelIp) => within(a, ['127.0.0.0/8', '::1/128']))
  env.registerFunction(`${IP}.isLinkLocalMulticast(): bool`, (a: CelIp) => within(a, ['224.0.0.0/24', 'ff02::/16']))
  env.registerFunction(`${IP}.isLinkLocalUnicast(): bool`, (a: CelIp) => within(a, ['169.254.0.0/16', 'fe80::/10']))
  env.registerFunction(
    `${IP}.isGlobalUnicast(): bool`,
    (a: CelIp) =>
      a.text !== '255.255.255.255' &&
      a.text !== '0.0.0.0' &&
      a.text !== '::' &&
      !within(a, ['127.0.0.0/8', '::1/128', '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16', 'fe80::/10']),
  )
  env.registerFunction(`cidr(string): ${CIDR}`, cidr)
  env.registerFunction('isCIDR(string): bool', (text: string) => parseCidr(text) !== undefined)
  env.registerOperator(
    `${CIDR} == ${CIDR}`,
    (a: CelCidr, b: CelCidr) => a.ip.text === b.ip.text && a.length === b.length,
  )
  env.registerFunction(`${CIDR}.ip(): ${IP}`, (range: CelCidr) => range.ip)
  env.registerFunction(`${CIDR}.prefixLength(): int`, (range: CelCidr) => BigInt(range.length))
  env.registerFunction(`${CIDR}.containsIP(${IP}): bool`, (range: CelCidr, address: CelIp) => range.contains(address))
  env.registerFunction(`${CIDR}.containsIP(string): bool`, (range: CelCidr, text: string) => range.contains(ip(text)))
  const containsCidr = (range: CelCidr, other: CelCidr): boolean =>
    other.length >= range.length && range.contains(other.ip)
  env.registerFunction(`${CIDR}.containsCIDR(${CIDR}): bool`, containsCidr)
  env.registerFunction(`${CIDR}.containsCIDR(string): bool`, (range: CelCidr, text: string) =>
    containsCidr(range, cidr(text)),
  )
}
