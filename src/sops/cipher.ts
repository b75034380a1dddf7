import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Failure } from './failure.ts'
import { bytesOf, type Scalar } from './leaf.ts'

/** Bytes of a data key. */
export const dataKeyBytes = 32
const shape = /^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(.+)\]/s

/** Whether a text looks like a value that SOPS has sealed. */
export function isSealed(value: unknown): boolean {
  return typeof value === 'string' && shape.test(value)
}

/** A value together with whether it was a comment. */
export interface Opened {
  readonly value: Scalar
  readonly comment: boolean
}

/** Opens one value; `aad` is its path, so that a value that was moved does not open. @throws Failure */
export function openValue(sealed: string, key: Buffer, aad: string): Opened {
  if (sealed === '') return { value: '', comment: false }
  const [, data = '', iv = '', tag = '', type = ''] = shape.exec(sealed) ?? []
  if (type === '')
    throw new Failure('E_SOPS_VALUE', { object: named(aad), expected: 'ENC[AES256_GCM,…]', seen: 'plain text' })
  let bytes: Buffer
  try {
    const nonce = Buffer.from(iv, 'base64')
    if (nonce.length === 0 || nonce.length > 64) throw new Error('nonce')
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    decipher.setAAD(Buffer.from(aad))
    decipher.setAuthTag(Buffer.from(tag, 'base64'))
    bytes = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()])
  } catch {
    throw new Failure('E_SOPS_VALUE', {
      object: named(aad),
      seen: 'a value that was changed, moved here from another key, or sealed with another data key',
    })
  }
  return { value: typed(bytes, type, aad), comment: type === 'comment' }
}

function typed(bytes: Buffer, type: string, aad: string): Scalar {
  const text = bytes.toString('utf8')
  switch (type) {
    case 'str':
    case 'comment':
      // Binary content is no UTF-8; text is kept as text.
      return Buffer.from(text, 'utf8').equals(bytes) ? text : bytes
    case 'bytes':
      return bytes
    case 'int':
      if (/^-?\d+$/.test(text)) return BigInt(text)
      break
    case 'float':
      if (text !== '' && !Number.isNaN(Number(text))) return Number(text)
      break
    case 'bool':
      if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true'
      break
    case 'time':
      return text
  }
  throw new Failure('E_SOPS_VALUE', { object: named(aad), seen: `a value of the type ${JSON.stringify(type)}` })
}

/** Seals values with one key, and gives a value that did not change the same text again: a diff then shows what changed. */
export class Sealer {
  readonly #key: Buffer
  readonly #nonces = new Map<string, Buffer>()

  constructor(key: Buffer) {
    this.#key = key
  }

  /** Opens a value and remembers its nonce for the very same value at the very same place. */
  open(sealed: string, aad: string): Opened {
    const opened = openValue(sealed, this.#key, aad)
    const nonce = shape.exec(sealed)?.[2]
    if (nonce !== undefined) this.#nonces.set(placeOf(opened.value, aad), Buffer.from(nonce, 'base64'))
    return opened
  }

  /** Seals one value; nothing stays nothing. */
  seal(value: Scalar, aad: string, comment = false): string {
    const plain = bytesOf(value)
    if (plain.length === 0) return ''
    const known = this.#nonces.get(placeOf(value, aad))
    const nonce = known?.length === 32 ? known : randomBytes(32)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    cipher.setAAD(Buffer.from(aad))
    const data = Buffer.concat([cipher.update(plain), cipher.final()])
    const type = comment ? 'comment' : typeOf(value)
    const [a, b, c] = [data, nonce, cipher.getAuthTag()].map(bytes => bytes.toString('base64'))
    return `ENC[AES256_GCM,data:${a},iv:${b},tag:${c},type:${type}]`
  }
}

function placeOf(value: Scalar, aad: string): string {
  return `${aad}\n${typeOf(value)}\n${bytesOf(value).toString('base64')}`
}

function typeOf(value: Scalar): string {
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float'
  return typeof value === 'boolean' ? 'bool' : 'str'
}

/** The authenticated text of a path. */
export function aadOf(path: readonly string[]): string {
  return `${path.join(':')}:`
}

function named(aad: string): string {
  return aad.slice(0, -1).replaceAll(':', '.') || 'the file'
}
