import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { isObject } from '../../base/json.ts'
import type { AddressPolicy } from '../notify/address-guard.ts'
import { HttpSender } from '../notify/http-sender.ts'
import { parseJson } from './verify.ts'

/** Who may issue a token, and for whom it must be. */
export interface TrustedIssuer {
  readonly issuerURL: string
  readonly audience: string
}

/** What a token says, once it is proven. */
export type Claims = Readonly<Record<string, unknown>>

const longestToken = 16 * 1024
const mostKeys = 100
/** Keys of an issuer are kept so long; an unknown key makes them be read anew, but not all the time. */
const freshMs = 600_000
const againMs = 30_000
/** Clocks may differ by this much, in seconds. */
const leeway = 30

/** How a signature of each algorithm is checked, and with which keys. Nothing else is taken, `none` least of all. */
const algorithms: Readonly<
  Record<string, { readonly kty: string; readonly crv?: string; readonly hash: string | null }>
> = {
  RS256: { kty: 'RSA', hash: 'sha256' },
  RS384: { kty: 'RSA', hash: 'sha384' },
  RS512: { kty: 'RSA', hash: 'sha512' },
  ES256: { kty: 'EC', crv: 'P-256', hash: 'sha256' },
  ES384: { kty: 'EC', crv: 'P-384', hash: 'sha384' },
  ES512: { kty: 'EC', crv: 'P-521', hash: 'sha512' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', hash: null },
}

interface IssuerKeys {
  readonly keys: readonly JsonWebKey[]
  readonly at: number
}

/** Checks bearer tokens of OIDC issuers by the keys that these publish. */
export class OidcVerifier {
  readonly #clock: Clock
  readonly #policy: AddressPolicy
  readonly #signal: AbortSignal
  readonly #issuers = new Map<string, Promise<IssuerKeys>>()

  constructor(clock: Clock, policy: AddressPolicy, signal: AbortSignal) {
    this.#clock = clock
    this.#policy = policy
    this.#signal = signal
  }

  /** The claims of the token in an `Authorization` header. Fails with an Error that says what is wrong with it. */
  async claims(authorization: string | undefined, trusted: readonly TrustedIssuer[]): Promise<Claims> {
    const raw = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/.exec(authorization ?? '')?.[1]
    if (raw === undefined || raw.length > longestToken)
      throw new Error('the Authorization header is missing or malformed')
    const [head = '', body = '', signature = ''] = raw.split('.')
    const header = decoded(head)
    const claims = decoded(body)
    const algorithm = typeof header['alg'] === 'string' ? algorithms[header['alg']] : undefined
    if (algorithm === undefined) throw new Error('failed to verify OIDC token: its algorithm is not taken')
    const issuer = trusted.find(({ issuerURL }) => issuerURL === claims['iss'])
    if (issuer === undefined) throw new Error('no oidcProvider configured for the issuer of the token')
    const signed = Buffer.from(`${head}.${body}`)
    const bytes = Buffer.from(signature, 'base64url')
    const good = (keys: readonly JsonWebKey[]) =>
      keys.some(jwk => {
        const usable =
          jwk.kty === algorithm.kty &&
          (algorithm.crv === undefined || jwk.crv === algorithm.crv) &&
          (header['kid'] === undefined || jwk['kid'] === header['kid']) &&
          (jwk['use'] === undefined || jwk['use'] === 'sig')
        const key = usable ? publicKey(jwk) : undefined
        return key !== undefined && verify(algorithm.hash, signed, { key, dsaEncoding: 'ieee-p1363' }, bytes)
      })
    const { keys, at } = await this.#keys(issuer.issuerURL)
    const stale = () => this.#clock.monotonic() - at >= againMs
    // The issuer may have changed its keys since.
    if (!good(keys) && !(stale() && good((await this.#keys(issuer.issuerURL, true)).keys))) {
      throw new Error('failed to verify OIDC token: its signature is not one of the issuer')
    }
    this.#checkTimes(claims)
    const audience = claims['aud']
    const forUs = Array.isArray(audience) ? audience.includes(issuer.audience) : audience === issuer.audience
    if (!forUs) throw new Error(`failed to verify OIDC token: expected audience ${JSON.stringify(issuer.audience)}`)
    return claims
  }

  #checkTimes(claims: Claims): void {
    const now = this.#clock.now().getTime() / 1000
    const { exp, nbf } = claims
    if (typeof exp !== 'number' || exp + leeway < now) throw new Error('failed to verify OIDC token: it is expired')
    if (nbf !== undefined && (typeof nbf !== 'number' || nbf - leeway > now)) {
      throw new Error('failed to verify OIDC token: it is not valid yet')
    }
  }

  async #keys(issuerURL: string, anew = false): Promise<IssuerKeys> {
    const known = this.#issuers.get(issuerURL)
    const kept = await known?.catch(() => undefined)
    if (!anew && kept !== undefined && this.#clock.monotonic() - kept.at < freshMs) return kept
    // Somebody else may have begun to read them meanwhile.
    const current = this.#issuers.get(issuerURL)
    if (current !== undefined && current !== known) return current
    const reading = this.#read(issuerURL)
    if (this.#issuers.size > 100) this.#issuers.clear()
    this.#issuers.set(issuerURL, reading)
    reading.catch(() => this.#issuers.delete(issuerURL))
    return reading
  }

  async #read(issuerURL: string): Promise<IssuerKeys> {
    const sender = new HttpSender({ timeoutMs: 5000, policy: this.#policy }, this.#clock, this.#signal)
    const fail = (why: string) =>
      new Error(`failed to initialize OIDC provider for issuer ${JSON.stringify(issuerURL)}: ${why}`)
    try {
      const place = `${issuerURL.replace(/\/+$/, '')}/.well-known/openid-configuration`
      const { body: about } = await sender.send({ method: 'GET', url: place })
      if (!isObject(about) || about['issuer'] !== issuerURL) throw fail('its configuration names another issuer')
      const uri = about['jwks_uri']
      const secure = issuerURL.startsWith('https://') ? /^https:\/\// : /^https?:\/\//
      if (typeof uri !== 'string' || !secure.test(uri)) throw fail('its configuration has no address for keys')
      const { body: set } = await sender.send({ method: 'GET', url: uri })
      const keys = isObject(set) && Array.isArray(set['keys']) ? set['keys'].filter(isObject).slice(0, mostKeys) : []
      return { keys: keys as JsonWebKey[], at: this.#clock.monotonic() }
    } finally {
      await sender.close().catch(() => undefined)
    }
  }
}

function decoded(part: string): Record<string, unknown> {
  const parsed = parseJson(Buffer.from(part, 'base64url'))
  if (parsed === undefined || !isObject(parsed.value)) throw new Error('failed to parse bearer token: it is not a JWT')
  return parsed.value
}

function publicKey(jwk: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return undefined
  }
}
