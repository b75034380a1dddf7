import * as client from 'openid-client'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { createSealer } from '../secrets/sealing.ts'
import { redact, type Secret } from '../secrets/secret.ts'
import type { Store } from '../store/index.ts'
import { replaceGrants } from '../store/tables/grants.ts'
import { findUserByName, findUserBySubject, insertUser, nameKey, updateUser } from '../store/tables/users.ts'
import { strongest } from './grants.ts'
import { randomId } from './random.ts'
import type { Grant } from './types.ts'

/** An issuer that people sign in with. */
export interface OidcOptions {
  readonly issuer: string
  readonly clientId: string
  /** Absent for a public client: PKCE protects the code either way. */
  readonly clientSecret?: Secret
  /** What the button says: `Sign in with …`. */
  readonly title: string
  /** Which claim lists a person's groups; `groups` when absent. */
  readonly groupsClaim?: string
  /** What a group gives. */
  readonly groupGrants: Readonly<Record<string, readonly Grant[]>>
  readonly scopes?: string
}

/** What the browser holds between leaving for the issuer and coming back, sealed. */
interface Flow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly returnTo: string
  readonly endsAt: number
}

const flowLivesMs = 10 * 60_000
const place = 'oidc-flow'
const longestName = 100

/** Sign-in with an OpenID Connect issuer: authorization code with PKCE, state and nonce. */
export class OidcSignIn {
  readonly title: string
  readonly #options: OidcOptions
  readonly #store: Store
  readonly #clock: Clock
  readonly #seal: ReturnType<typeof createSealer>
  #found: Promise<client.Configuration> | undefined

  constructor(
    options: OidcOptions,
    parts: { readonly store: Store; readonly clock: Clock; readonly cookieKey: Buffer },
  ) {
    this.title = options.title
    this.#options = options
    this.#store = parts.store
    this.#clock = parts.clock
    this.#seal = createSealer(parts.cookieKey)
  }

  /** Where to send the browser, and what it has to keep in a cookie. `returnTo` is a path of ours. Fails with E_OIDC. */
  async begin(redirectUri: string, returnTo: string): Promise<{ readonly url: string; readonly cookie: string }> {
    const config = await this.#configuration()
    const flow: Flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      returnTo,
      endsAt: this.#clock.now().getTime() + flowLivesMs,
    }
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: this.#options.scopes ?? 'openid profile email',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    })
    return { url: url.href, cookie: this.#seal.seal(JSON.stringify(flow), place).toString('base64url') }
  }

  /** Ends the sign-in: who it is. Makes the user at the first time, and takes the grants of the groups. Fails with E_OIDC. */
  async finish(
    address: URL,
    cookie: string | undefined,
  ): Promise<{ readonly userId: string; readonly returnTo: string }> {
    const flow = this.#flowOf(cookie)
    const config = await this.#configuration()
    let claims: Readonly<Record<string, unknown>>
    try {
      const tokens = await client.authorizationCodeGrant(config, address, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      })
      claims = tokens.claims() ?? {}
    } catch (error) {
      throw failure(this.#options.issuer, error)
    }
    return { userId: await this.#userOf(claims), returnTo: flow.returnTo }
  }

  async #userOf(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const { issuer, groupsClaim = 'groups', groupGrants } = this.#options
    const subject = claims['sub']
    if (typeof subject !== 'string' || subject === '') throw failure(issuer, new Error('no subject in the id token'))
    const groups = claims[groupsClaim]
    const names = (Array.isArray(groups) ? groups : typeof groups === 'string' ? [groups] : []).filter(
      name => typeof name === 'string',
    )
    const grants = strongest(names.flatMap(name => (Object.hasOwn(groupGrants, name) ? (groupGrants[name] ?? []) : [])))
    const display = text(claims['name']) ?? text(claims['preferred_username']) ?? subject
    const wanted = text(claims['preferred_username']) ?? text(claims['email']) ?? subject
    return this.#store.exclusively('oidc-user', async db => {
      let user = await findUserBySubject(db, issuer, subject)
      if (user === undefined) {
        // A name that is taken belongs to somebody else, whatever the issuer says: it is never taken over.
        const name =
          (await findUserByName(db, wanted)) === undefined
            ? wanted
            : `${wanted.slice(0, longestName - 7)}-${randomId().slice(0, 6)}`
        user = {
          id: randomId(),
          name,
          name_key: nameKey(name),
          display_name: display,
          password_hash: null,
          oidc_issuer: issuer,
          oidc_subject: subject,
          disabled: 0,
          created_at: this.#clock.now().toISOString(),
          signed_in_at: null,
        }
        await insertUser(db, user)
      } else await updateUser(db, user.id, { display_name: display })
      if (user.disabled === 1) throw new SluiceError('E_SIGN_IN', { seen: 'a user that is disabled' })
      await replaceGrants(db, user.id, 'oidc', grants)
      return user.id
    })
  }

  #flowOf(cookie: string | undefined): Flow {
    try {
      const flow = JSON.parse(this.#seal.unseal(Buffer.from(cookie ?? '', 'base64url'), place).toString('utf8')) as Flow
      if (flow.endsAt > this.#clock.now().getTime()) return flow
    } catch {
      throw new SluiceError('E_OIDC', {
        object: this.#options.issuer,
        seen: 'a sign-in that this browser did not begin',
      })
    }
    throw new SluiceError('E_OIDC', { object: this.#options.issuer, seen: 'a sign-in that took too long' })
  }

  /** The issuer's metadata; asked for again after a failure. */
  async #configuration(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.#options
    const url = new URL(issuer)
    // An issuer on this machine may speak plain HTTP; any other has to prove its name.
    const plain = url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
    this.#found ??= client
      .discovery(
        url,
        clientId,
        undefined,
        clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret.reveal()),
        {
          timeout: 10,
          // The signature is checked too, not the connection alone by which the token came.
          execute: [client.enableNonRepudiationChecks, ...(plain ? [client.allowInsecureRequests] : [])],
        },
      )
      .catch(error => {
        this.#found = undefined
        throw failure(issuer, error)
      })
    return this.#found
  }
}

function text(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim.trim() !== '' ? claim.trim().slice(0, longestName) : undefined
}

function failure(issuer: string, error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  const said = error as { error_description?: string; error?: string; message?: string }
  return new SluiceError('E_OIDC', {
    object: issuer,
    seen: redact(said.error_description ?? said.error ?? said.message ?? String(error)).slice(0, 300),
    cause: error,
  })
}
