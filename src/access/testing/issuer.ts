import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** What the next person that signs in is, and how the issuer goes wrong. */
export interface IssuerState {
  claims: Record<string, unknown>
  /** Overrides of what the id token has to be. */
  token: { nonce?: string; audience?: string; issuer?: string }
  /** Signs with a key that it does not publish. */
  forged: boolean
}

/** A small OpenID Connect issuer on loopback: authorization code with PKCE. Everybody who asks is signed in at once. */
export interface TestIssuer {
  readonly url: string
  readonly state: IssuerState
  close(): Promise<void>
}

export const testClient = { id: 'sluice', secret: 'client-secret-of-tests' }

export async function startTestIssuer(): Promise<TestIssuer> {
  const keys = await generateKeyPair('RS256')
  const other = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, URLSearchParams>()
  const state: IssuerState = { claims: { sub: 'user-1' }, token: {}, forged: false }
  let url = ''

  const token = async (form: URLSearchParams): Promise<unknown> => {
    const code = form.get('code') ?? ''
    const asked = codes.get(code)
    codes.delete(code)
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (form.get('client_secret') !== testClient.secret) return { error: 'invalid_client' }
    if (asked?.get('code_challenge') !== challenge || asked.get('redirect_uri') !== form.get('redirect_uri'))
      return { error: 'invalid_grant' }
    const idToken = await new SignJWT({
      nonce: asked.get('nonce'),
      ...state.claims,
      ...(state.token.nonce === undefined ? {} : { nonce: state.token.nonce }),
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(state.token.issuer ?? url)
      .setAudience(state.token.audience ?? testClient.id)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(state.forged ? other.privateKey : keys.privateKey)
    return { access_token: 'an-access-token', token_type: 'bearer', id_token: idToken }
  }

  const server = createServer(async (request, response) => {
    const at = new URL(request.url ?? '/', url)
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (at.pathname === '/.well-known/openid-configuration') {
      return json({
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      })
    }
    if (at.pathname === '/jwks') return json({ keys: [jwk] })
    if (at.pathname === '/authorize') {
      const code = randomBytes(8).toString('hex')
      codes.set(code, at.searchParams)
      const back = new URL(at.searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', at.searchParams.get('state') ?? '')
      return response.writeHead(302, { location: back.href }).end()
    }
    let body = ''
    for await (const chunk of request) body += chunk
    const answer = await token(new URLSearchParams(body))
    return json(answer, (answer as { error?: string }).error === undefined ? 200 : 400)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    state,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
