import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'

/** A signature of OpenSSH (its PROTOCOL.sshsig) by one of the given keys: the fingerprint of the key, or a problem. */
export function verifySshSignature(
  payload: Buffer,
  armored: string,
  keyFiles: readonly string[],
): { readonly fingerprint: string } | { readonly problem: string } {
  const parsed = parse(armored)
  if (typeof parsed === 'string') return { problem: parsed }
  const fingerprint = `SHA256:${createHash('sha256').update(parsed.publicKey).digest('base64').replace(/=+$/, '')}`
  if (!keyFiles.flatMap(publicKeysIn).some(key => key.equals(parsed.publicKey))) {
    return { problem: `the key ${fingerprint} that signed is none of the trusted keys` }
  }
  const { namespace, reserved, hash, publicKey, signature } = parsed
  const digest = createHash(hash).update(payload).digest()
  const signed = Buffer.concat([
    Buffer.from('SSHSIG'),
    ...[Buffer.from(namespace), reserved, Buffer.from(hash), digest].flatMap(part => [length(part), part]),
  ])
  const problem = checkSignature(publicKey, signature, signed)
  return problem === undefined ? { fingerprint } : { problem }
}

/** The public keys of a file in the form of `authorized_keys` or `allowed_signers`, as SSH wire blobs. */
export function publicKeysIn(text: string): Buffer[] {
  const keys: Buffer[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue
    const words = line.trim().split(/\s+/)
    for (let i = 0; i + 1 < words.length; i++) {
      if (!/^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+$/.test(words[i]!)) continue
      const blob = Buffer.from(words[i + 1]!, 'base64')
      const reader = new Reader(blob)
      if (reader.string()?.toString('latin1') === words[i]) keys.push(blob)
      break
    }
  }
  return keys
}

interface Parsed {
  readonly publicKey: Buffer
  readonly namespace: string
  readonly reserved: Buffer
  readonly hash: 'sha256' | 'sha512'
  readonly signature: Buffer
}

function parse(armored: string): Parsed | string {
  const body = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n\r]+)-----END SSH SIGNATURE-----\s*$/.exec(armored)?.[1]
  const bytes = Buffer.from(body ?? '', 'base64')
  if (!bytes.subarray(0, 6).equals(Buffer.from('SSHSIG'))) return 'the signature is broken'
  const reader = new Reader(bytes.subarray(6))
  const version = reader.number()
  const parts = [1, 2, 3, 4, 5].map(() => reader.string())
  if (version !== 1 || parts.includes(undefined)) return 'the signature is broken'
  const [publicKey, namespace, reserved, hash, signature] = parts as Buffer[]
  if (namespace!.toString() !== 'git') return `the signature is for '${namespace!.toString()}', not for git`
  const name = hash!.toString()
  if (name !== 'sha256' && name !== 'sha512') return `the hash '${name}' is not supported`
  return { publicKey: publicKey!, namespace: 'git', reserved: reserved!, hash: name, signature: signature! }
}

/** Undefined when a signature is good. */
function checkSignature(publicKey: Buffer, signature: Buffer, signed: Buffer): string | undefined {
  const reader = new Reader(signature)
  const type = reader.string()?.toString('latin1') ?? ''
  const value = reader.string()
  const key = keyOf(publicKey)
  if (value === undefined || key === undefined) return `signatures of type '${type}' are not supported`
  const kind = key.asymmetricKeyType
  let good = false
  if (type === 'ssh-ed25519' && kind === 'ed25519') good = verify(null, signed, key, value)
  else if (type === 'rsa-sha2-512' && kind === 'rsa') good = verify('sha512', signed, key, value)
  else if (type === 'rsa-sha2-256' && kind === 'rsa') good = verify('sha256', signed, key, value)
  else if (type.startsWith('ecdsa-sha2-') && kind === 'ec') {
    const hash = { 'ecdsa-sha2-nistp256': 'sha256', 'ecdsa-sha2-nistp384': 'sha384', 'ecdsa-sha2-nistp521': 'sha512' }[
      type
    ]
    const numbers = new Reader(value)
    const [r, s] = [numbers.string(), numbers.string()]
    if (hash === undefined || r === undefined || s === undefined) return 'the signature is broken'
    good = verify(hash, signed, key, sequence(r, s))
  } else return `signatures of type '${type}' are not supported`
  return good ? undefined : 'the signature does not match'
}

const curves: Readonly<Record<string, readonly [name: string, bytes: number]>> = {
  nistp256: ['P-256', 32],
  nistp384: ['P-384', 48],
  nistp521: ['P-521', 66],
}

function keyOf(blob: Buffer): KeyObject | undefined {
  const reader = new Reader(blob)
  const type = reader.string()?.toString('latin1')
  try {
    if (type === 'ssh-ed25519') {
      return jwk({ kty: 'OKP', crv: 'Ed25519', x: reader.string()!.toString('base64url') })
    }
    if (type === 'ssh-rsa') {
      const [e, n] = [reader.string()!, reader.string()!]
      // Shorter keys are no protection any more.
      if (n.length < 256) return undefined
      return jwk({ kty: 'RSA', n: positive(n).toString('base64url'), e: positive(e).toString('base64url') })
    }
    if (type?.startsWith('ecdsa-sha2-')) {
      const [crv, size] = curves[reader.string()!.toString('latin1')]!
      const point = reader.string()!
      if (point[0] !== 4 || point.length !== 2 * size + 1) return undefined
      const x = point.subarray(1, 1 + size).toString('base64url')
      return jwk({ kty: 'EC', crv, x, y: point.subarray(1 + size).toString('base64url') })
    }
  } catch {
    // A broken key is none.
  }
  return undefined
}

function jwk(key: Record<string, string>): KeyObject {
  return createPublicKey({ key, format: 'jwk' })
}

function positive(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number
}

/** Two numbers as DER, which node verifies. */
function sequence(r: Buffer, s: Buffer): Buffer {
  const integer = (number: Buffer) => Buffer.concat([Buffer.from([2, number.length]), number])
  const body = Buffer.concat([integer(r), integer(s)])
  const head = body.length < 128 ? [0x30, body.length] : [0x30, 0x81, body.length]
  return Buffer.concat([Buffer.from(head), body])
}

function length(part: Buffer): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(part.length)
  return bytes
}

/** SSH's wire format. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  number(): number | undefined {
    if (this.#at + 4 > this.#bytes.length) return undefined
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }

  string(): Buffer | undefined {
    const size = this.number()
    if (size === undefined || this.#at + size > this.#bytes.length) return undefined
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }
}
