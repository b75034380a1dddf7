import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Secret } from '../../../secrets/secret.ts'
import type { User } from './user.ts'

const admin: User = { name: 'sluice-admin', uid: '', groups: ['system:masters', 'system:authenticated'], extra: {} }

/** Finds out who sends a request. */
export class Authenticator {
  readonly #adminDigest: Buffer

  constructor(adminToken: Secret) {
    this.#adminDigest = digest(adminToken.reveal())
  }

  /** The sender; undefined when it has no or bad credentials. */
  authenticate(http: IncomingMessage): User | undefined {
    const header = http.headers.authorization
    if (header === undefined) return undefined
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1]
    if (token === undefined) return undefined
    if (timingSafeEqual(digest(token), this.#adminDigest)) return admin
    return undefined
  }
}

/** Digests have one length, so that comparing takes the same time whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
