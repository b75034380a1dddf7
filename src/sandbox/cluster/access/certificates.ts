import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import { bits, boolean, der, integer, octets, oid, sequence, time, utf8 } from './der.ts'

/** PEM texts of a certificate authority and a serving certificate. */
export interface ServingCertificates {
  readonly caPem: string
  readonly certPem: string
  readonly keyPem: string
}

const dayMs = 86_400_000
/** A sandbox lives on one machine, so its certificates may live long. */
const validDays = 5 * 365

const dnsNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]
const addresses = ['127.0.0.1', '::1', '10.96.0.1']

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const keyUsage = { certificateSign: Buffer.of(0x06), digitalSignature: Buffer.of(0x80) }

/**
 * Makes a certificate authority and a serving certificate signed by it, both EC P-256 (RFC 5280). The authority's private
 * key is thrown away: nothing else will ever be signed with it.
 */
export function makeCertificates(now: Date, host: string): ServingCertificates {
  const authority = keyPair()
  const server = keyPair()
  const issuer = name('sluice-sandbox-ca')
  const validity = sequence(time(new Date(now.getTime() - dayMs)), time(new Date(now.getTime() + validDays * dayMs)))
  const authorityId = keyId(authority.publicKey)
  const ca = certificate(authority.privateKey, issuer, issuer, validity, authority.publicKey, [
    extension('2.5.29.19', true, sequence(boolean(true), integer(Buffer.of(0)))),
    extension('2.5.29.15', true, bits(keyUsage.certificateSign, 1)),
    extension('2.5.29.14', false, octets(authorityId)),
  ])
  const leaf = certificate(authority.privateKey, issuer, name('sluice-sandbox'), validity, server.publicKey, [
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.15', true, bits(keyUsage.digitalSignature, 7)),
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', false, alternativeNames(host)),
    extension('2.5.29.35', false, sequence(der(0x80, authorityId))),
  ])
  return {
    caPem: pem('CERTIFICATE', ca),
    certPem: pem('CERTIFICATE', leaf),
    keyPem: server.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}

function certificate(
  signer: KeyObject,
  issuer: Buffer,
  subject: Buffer,
  validity: Buffer,
  publicKey: KeyObject,
  extensions: readonly Buffer[],
): Buffer {
  const serial = randomBytes(16)
  // Serial numbers are positive and not zero.
  serial[0] = (serial[0]! & 0x7f) | 0x40
  const body = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(serial),
    ecdsaWithSha256,
    issuer,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  return sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)))
}

function keyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('2.5.4.3'), utf8(commonName))))
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value))
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}

function alternativeNames(host: string): Buffer {
  const names = dnsNames.map(text => der(0x82, Buffer.from(text)))
  const hosts = new Set(isIP(host) ? [...addresses, host] : addresses)
  return sequence(...names, ...[...hosts].map(address => der(0x87, addressBytes(address))))
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16)))
  const before = groups(head)
  const after = tail === undefined ? [] : groups(tail)
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return Buffer.from(all.flatMap(group => [group >> 8, group & 0xff]))
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
