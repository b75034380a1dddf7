import { createDecipheriv } from 'node:crypto'
import { pbkdf } from 'bcrypt-pbkdf'

/** A private key file of OpenSSH (its PROTOCOL.key, "openssh-key-v1"), taken apart. */
export interface OpenSshKey {
  readonly cipher: string
  readonly kdf: string
  readonly kdfOptions: Buffer
  readonly count: number
  readonly publicKey: Buffer
  /** Encrypted unless the cipher is `none`. */
  readonly privatePart: Buffer
}

const magic = Buffer.from('openssh-key-v1\0')

/** Key and block length in bytes of the ciphers that ssh-keygen writes; aes256-ctr is its default. */
const ciphers: Readonly<Record<string, { readonly key: number; readonly name: string }>> = {
  'aes256-ctr': { key: 32, name: 'aes-256-ctr' },
  'aes192-ctr': { key: 24, name: 'aes-192-ctr' },
  'aes128-ctr': { key: 16, name: 'aes-128-ctr' },
  'aes256-cbc': { key: 32, name: 'aes-256-cbc' },
  'aes192-cbc': { key: 24, name: 'aes-192-cbc' },
  'aes128-cbc': { key: 16, name: 'aes-128-cbc' },
}

/** ssh-keygen uses 16 to 24; more than this is an attack on our time. */
const maxRounds = 1024

/** Takes a key file apart; undefined when it is none. */
export function parseOpenSshKey(pem: string): OpenSshKey | undefined {
  const bytes = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64')
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined
  let at = magic.length
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw new RangeError('cut')
    at += length
    return bytes.subarray(at - length, at)
  }
  const number = () => take(4).readUInt32BE(0)
  const string = () => take(number())
  try {
    const cipher = string().toString('latin1')
    const kdf = string().toString('latin1')
    return { cipher, kdf, kdfOptions: string(), count: number(), publicKey: string(), privatePart: string() }
  } catch {
    return undefined
  }
}

/**
 * The same key without a passphrase, as ssh reads it from a file; `wrong` for a passphrase that does not open it,
 * `unsupported` for a cipher that is not one of ssh-keygen's AES ones.
 */
export function openKey(key: OpenSshKey, passphrase: string): string | 'wrong' | 'unsupported' {
  const cipher = ciphers[key.cipher]
  if (
    !cipher ||
    key.kdf !== 'bcrypt' ||
    key.count !== 1 ||
    key.kdfOptions.length < 8 ||
    key.privatePart.length % 16 !== 0
  )
    return 'unsupported'
  const saltLength = key.kdfOptions.readUInt32BE(0)
  if (key.kdfOptions.length !== 8 + saltLength) return 'unsupported'
  const salt = key.kdfOptions.subarray(4, 4 + saltLength)
  const rounds = key.kdfOptions.readUInt32BE(4 + saltLength)
  if (rounds < 1 || rounds > maxRounds) return 'unsupported'
  const derived = Buffer.alloc(cipher.key + 16)
  const pass = Buffer.from(passphrase)
  if (pbkdf(pass, pass.length, salt, salt.length, derived, derived.length, rounds) !== 0) return 'wrong'
  const decipher = createDecipheriv(cipher.name, derived.subarray(0, cipher.key), derived.subarray(cipher.key))
  decipher.setAutoPadding(false)
  const opened = Buffer.concat([decipher.update(key.privatePart), decipher.final()])
  // Two equal numbers at the start tell that it was the right passphrase.
  if (opened.length < 8 || opened.readUInt32BE(0) !== opened.readUInt32BE(4)) return 'wrong'
  return encode(key.publicKey, opened)
}

function encode(publicKey: Buffer, privatePart: Buffer): string {
  const string = (value: string | Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(value))
    return Buffer.concat([length, Buffer.from(value)])
  }
  const one = Buffer.from([0, 0, 0, 1])
  const bytes = Buffer.concat([
    magic,
    string('none'),
    string('none'),
    string(''),
    one,
    string(publicKey),
    string(privatePart),
  ])
  const lines = bytes.toString('base64').replace(/.{70}/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}
