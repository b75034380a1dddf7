import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { isObject } from '../../../base/json.ts'
import type { Store } from '../store/store.ts'
import { serviceAccountGroups, serviceAccountName, type User } from './user.ts'

/** Who the tokens are from and for. */
export const tokenAudience = 'https://kubernetes.default.svc.cluster.local'
const header = encode({ alg: 'HS256', typ: 'JWT' })
/** A clock may be this much off. */
const leewaySeconds = 10

/** A token that was made. */
export interface IssuedToken {
  readonly token: string
  readonly expires: Date
}

/**
 * Issues and checks tokens of service accounts: JWTs, signed with the cluster's own key, so that they stay good over
 * restarts. A token is good until it expires, while its account exists with the same uid.
 */
export class ServiceAccountTokens {
  readonly #store: Store
  readonly #key: Uint8Array

  /** @param key the secret that signs: 32 random bytes. */
  constructor(store: Store, key: Uint8Array) {
    this.#store = store
    this.#key = key
  }

  issue(
    namespace: string,
    name: string,
    uid: string,
    audiences: readonly string[],
    seconds: number,
    now: Date,
  ): IssuedToken {
    const issued = Math.floor(now.getTime() / 1000)
    const claims = {
      iss: tokenAudience,
      sub: serviceAccountName(namespace, name),
      aud: audiences,
      iat: issued,
      nbf: issued,
      exp: issued + seconds,
      jti: randomUUID(),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    }
    const body = `${header}.${encode(claims)}`
    return { token: `${body}.${this.#sign(body)}`, expires: new Date((issued + seconds) * 1000) }
  }

  /** The account behind a token; undefined when the token is not good (any more). */
  verify(token: string, now: Date): User | undefined {
    const cut = token.lastIndexOf('.')
    const body = token.slice(0, cut)
    if (cut < 0 || !body.startsWith(`${header}.`)) return undefined
    const sent = Buffer.from(token.slice(cut + 1))
    const expected = Buffer.from(this.#sign(body))
    if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return undefined
    const claims: unknown = JSON.parse(Buffer.from(body.slice(header.length + 1), 'base64url').toString('utf8'))
    if (!isObject(claims) || Number(claims['exp']) + leewaySeconds < now.getTime() / 1000) return undefined
    // A token for somebody else is none for this server.
    if (!Array.isArray(claims['aud']) || !claims['aud'].includes(tokenAudience)) return undefined
    const bound = claims['kubernetes.io'] as { namespace: string; serviceaccount: { name: string; uid: string } }
    const { name, uid } = bound.serviceaccount
    const account = this.#store.collection('serviceaccounts').get(`${bound.namespace}/${name}`)
    if (account?.uid !== uid) return undefined
    const extra = { 'authentication.kubernetes.io/credential-id': [`JTI=${String(claims['jti'])}`] }
    return {
      name: serviceAccountName(bound.namespace, name),
      uid,
      groups: serviceAccountGroups(bound.namespace),
      extra,
    }
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url')
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
