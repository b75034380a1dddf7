import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { Failure } from '../failure.ts'
import { agreed, ephemeralKey, type Identity, type Recipient } from './keys.ts'

// The age file format: https://age-encryption.org/v1 (C2SP/age.md).
const version = 'age-encryption.org/v1'
const chunkBytes = 64 * 1024
const maxStanzas = 1000
const zeroNonce = Buffer.alloc(12)

/** Encrypts bytes for recipients, armoured as SOPS keeps it. */
export function encryptTo(recipients: readonly Recipient[], plain: Uint8Array): string {
  const fileKey = randomBytes(16)
  const stanzas = recipients.map(recipient => {
    const { key, point } = ephemeralKey()
    const wrapping = hkdf(agreed(key, recipient.point), Buffer.concat([point, recipient.point]), `${version}/X25519`)
    return `-> X25519 ${base64(point)}\n${wrapped(base64(seal(wrapping, zeroNonce, fileKey)))}`
  })
  const header = `${version}\n${stanzas.join('')}---`
  const nonce = randomBytes(16)
  const payload = chunks(hkdf(fileKey, nonce, 'payload'), plain)
  return armoured(Buffer.concat([Buffer.from(`${header} ${base64(headerMac(fileKey, header))}\n`), nonce, ...payload]))
}

/**
 * The bytes of an age file, armoured or not; undefined when none of the identities opens it.
 *
 * @throws Failure for a file that is damaged
 */
export function decryptWith(identities: readonly Identity[], file: Uint8Array | string): Buffer | undefined {
  const bytes = typeof file === 'string' ? unarmoured(file) : Buffer.from(file)
  const { stanzas, header, mac, end } = readHeader(bytes)
  for (const { type, args, body } of stanzas) {
    if (type !== 'X25519' || args.length !== 1 || body.length !== 32) continue
    const point = unbase64(args[0]!)
    if (point.length !== 32) throw damaged('a share of the wrong length')
    for (const identity of identities) {
      const salt = Buffer.concat([point, identity.recipient.point])
      const fileKey = open(hkdf(identity.agree(point), salt, `${version}/X25519`), zeroNonce, body)
      if (fileKey === undefined || fileKey.length !== 16) continue
      const expected = headerMac(fileKey, header)
      if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) throw damaged('a header that was changed')
      return unchunk(fileKey, bytes.subarray(end))
    }
  }
  return undefined
}

interface Stanza {
  readonly type: string
  readonly args: readonly string[]
  readonly body: Buffer
}

function readHeader(bytes: Buffer): { stanzas: Stanza[]; header: string; mac: Buffer; end: number } {
  let at = 0
  const line = (): string => {
    const end = bytes.indexOf(10, at)
    if (end < 0 || end - at > 4096) throw damaged('a header that does not end')
    const text = bytes.toString('latin1', at, end)
    at = end + 1
    return text
  }
  if (line() !== version) throw damaged('no age file')
  const stanzas: Stanza[] = []
  for (;;) {
    const start = at
    const text = line()
    if (text.startsWith('--- ')) {
      const header = bytes.toString('latin1', 0, start + 3)
      return { stanzas, header, mac: unbase64(text.slice(4)), end: at }
    }
    if (!text.startsWith('-> ') || stanzas.length >= maxStanzas) throw damaged('a header that is no header of age')
    const [type = '', ...args] = text.slice(3).split(' ')
    let body = ''
    for (let part = line(); ; part = line()) {
      if (part.length > 64) throw damaged('a line that is too long')
      body += part
      if (part.length < 64) break
    }
    stanzas.push({ type, args, body: unbase64(body) })
  }
}

function chunks(key: Buffer, plain: Uint8Array): Buffer[] {
  const out: Buffer[] = []
  for (let at = 0, count = 0; ; at += chunkBytes, count++) {
    const last = at + chunkBytes >= plain.length
    out.push(seal(key, chunkNonce(count, last), plain.subarray(at, at + chunkBytes)))
    if (last) return out
  }
}

function unchunk(fileKey: Buffer, payload: Buffer): Buffer {
  const key = hkdf(fileKey, payload.subarray(0, 16), 'payload')
  const out: Buffer[] = []
  const size = chunkBytes + 16
  for (let at = 16, count = 0; ; at += size, count++) {
    const last = at + size >= payload.length
    const plain = open(key, chunkNonce(count, last), payload.subarray(at, at + size))
    if (plain === undefined) throw damaged('content that was changed or cut off')
    if (last && plain.length === 0 && count > 0) throw damaged('an empty last part')
    out.push(plain)
    if (last) return Buffer.concat(out)
  }
}

function chunkNonce(count: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(count, 7)
  nonce[11] = last ? 1 : 0
  return nonce
}

function seal(key: Buffer, nonce: Buffer, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function open(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < 16) return undefined
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
  decipher.setAuthTag(sealed.subarray(-16))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  } catch {
    return undefined
  }
}

function hkdf(key: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, 32))
}

function headerMac(fileKey: Buffer, header: string): Buffer {
  return createHmac('sha256', hkdf(fileKey, Buffer.alloc(0), 'header'))
    .update(header, 'latin1')
    .digest()
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

/** Unpadded base64, canonical: Node's reader alone would take anything. */
function unbase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (base64(bytes) !== text) throw damaged('a header that is not base64')
  return bytes
}

function wrapped(text: string): string {
  return text.replace(/.{64}/g, '$&\n') + '\n'
}

const begin = '-----BEGIN AGE ENCRYPTED FILE-----'
const finish = '-----END AGE ENCRYPTED FILE-----'

function armoured(bytes: Buffer): string {
  const body = bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `${begin}\n${body}\n${finish}\n`
}

function unarmoured(text: string): Buffer {
  const trimmed = text.trim()
  if (!trimmed.startsWith(begin) || !trimmed.endsWith(finish)) throw damaged('no armoured age file')
  const body = trimmed.slice(begin.length, -finish.length).replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body)) throw damaged('armour that is not base64')
  return Buffer.from(body, 'base64')
}

function damaged(seen: string): Failure {
  return new Failure('E_SOPS_FORMAT', { object: 'age', seen })
}
