import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../../base/clock.ts'
import type { Secret } from '../../../secrets/secret.ts'
import type { ServiceAccountTokens } from './service-account-tokens.ts'
import type { User } from './user.ts'

const admin: User = { name: 'sluice-admin', uid: '', groups: ['system:masters', 'system:authenticated'], extra: {} }

/** Finds out who sends a request, by the bearer token. */
export class Authenticator {
  readonly #adminDigest: Buffer
  readonly #tokens: ServiceAccountTokens
  readonly #clock: Clock

  constructor(adminToken: Secret, tokens: ServiceAccountTokens, clock: Clock) {
    this.#adminDigest = digest(adminToken.reveal())
    this.#tokens = tokens
    this.#clock = clock
  }

  /** The sender; undefined when it has no or bad credentials. */
  authenticate(http: IncomingMessage): User | undefined {
    const token = /^Bearer +(\S+) *$/i.exec(http.headers.authorization ?? '')?.[1]
    return token === undefined ? undefined : this.userOf(token)
  }

  /** Whose token it is; undefined when it is nobody's. */
  userOf(token: string): User | undefined {
    if (timingSafeEqual(digest(token), this.#adminDigest)) return admin
    return this.#tokens.verify(token, this.#clock.now())
  }
}

/** Digests have one length, so that comparing takes the same time whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
