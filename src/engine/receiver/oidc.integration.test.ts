import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { Receiver } from '../../specs/flux/receiver.ts'
import { compileCallers, googleCaller } from './caller.ts'
import { OidcVerifier } from './oidc.ts'

// An issuer of tokens on loopback, with the keys that it publishes.
let server: Server
let issuerURL: string
let reads = 0
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
let published: object[] = []
let named: string | undefined

beforeAll(async () => {
  published = [
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig' },
    { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec' },
    { kty: 'RSA', kid: 'broken', n: '!', e: '!' },
  ]
  server = createServer((request, response) => {
    reads++
    const about = { issuer: named ?? issuerURL, jwks_uri: `${issuerURL}/keys` }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url === '/keys' ? { keys: published } : about))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  issuerURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise(resolve => server.close(resolve)))

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const now = () => Math.floor(Date.now() / 1000)

interface Shape {
  readonly header?: object
  readonly claims?: object
  readonly key?: KeyObject
}

function token({ header = {}, claims = {}, key = rsa.privateKey }: Shape = {}): string {
  const text = [
    part({ alg: 'RS256', kid: 'rsa', typ: 'JWT', ...header }),
    part({ iss: issuerURL, aud: 'notification-controller', exp: now() + 60, sub: 'ci', ...claims }),
  ].join('.')
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  return `Bearer ${text}.${signature}`
}

const verifier = () => new OidcVerifier(systemClock, { refusePrivate: false }, new AbortController().signal)
const trusted = () => [{ issuerURL, audience: 'notification-controller' }]

describe('a token of an issuer', () => {
  test('is taken, and the keys of the issuer are read once', async () => {
    const tokens = verifier()
    reads = 0
    expect(await tokens.claims(token(), trusted())).toMatchObject({ sub: 'ci' })
    const elliptic = token({ header: { alg: 'ES256', kid: 'ec' }, key: ec.privateKey })
    expect(await tokens.claims(elliptic, trusted())).toMatchObject({ sub: 'ci' })
    expect(await tokens.claims(token({ claims: { aud: ['x', 'notification-controller'] } }), trusted())).toBeDefined()
    expect(reads).toBe(2)
  })

  const hmacToken = () => {
    // The public key as the secret of an HMAC: an attack as old as the format.
    const text = `${part({ alg: 'HS256', kid: 'rsa' })}.${part({ iss: issuerURL, aud: 'notification-controller', exp: now() + 60 })}`
    const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' })
    return `Bearer ${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`
  }

  test.each([
    ['none', () => undefined, 'missing or malformed'],
    ['no bearer', () => token().replace('Bearer', 'Basic'), 'missing or malformed'],
    ['no JWT', () => 'Bearer abc', 'missing or malformed'],
    ['too long', () => `Bearer ${'a'.repeat(20_000)}.b.c`, 'missing or malformed'],
    ['no JSON', () => 'Bearer YQ.YQ.YQ', 'it is not a JWT'],
    ['unsigned', () => token({ header: { alg: 'none' } }).replace(/\.[^.]*$/, '.YQ'), 'its algorithm is not taken'],
    ['signed with a public key', hmacToken, 'its algorithm is not taken'],
    ['of a stranger', () => token({ key: stranger.privateKey }), 'not one of the issuer'],
    ['of another issuer', () => token({ claims: { iss: 'https://evil.example' } }), 'no oidcProvider configured'],
    ['for another audience', () => token({ claims: { aud: 'somebody-else' } }), 'expected audience'],
    ['for none', () => token({ claims: { aud: undefined } }), 'expected audience'],
    ['expired', () => token({ claims: { exp: now() - 60 } }), 'it is expired'],
    ['without an end', () => token({ claims: { exp: undefined } }), 'it is expired'],
    ['not valid yet', () => token({ claims: { nbf: now() + 600 } }), 'it is not valid yet'],
    [
      'changed',
      () =>
        token().replace(
          /\.([^.]+)\./,
          (_all, body) => `.${part({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'root' })}.`,
        ),
      'not one of the issuer',
    ],
    [
      'with the key of another algorithm',
      () => token({ header: { alg: 'ES256', kid: 'rsa' } }),
      'not one of the issuer',
    ],
    ['with a broken key', () => token({ header: { kid: 'broken' } }), 'not one of the issuer'],
  ])('is refused: %s', async (_what, make, why) => {
    await expect(verifier().claims(make(), trusted())).rejects.toThrow(why)
  })

  test('is refused when the issuer says that it is another', async () => {
    named = 'https://other.example'
    await expect(verifier().claims(token(), trusted())).rejects.toThrow('names another issuer')
    named = undefined
  })

  test('does not lead the engine to addresses that it may not go to', async () => {
    const strict = new OidcVerifier(systemClock, { refusePrivate: true }, new AbortController().signal)
    reads = 0
    await expect(strict.claims(token(), trusted())).rejects.toThrow('not one that notifications may go to')
    expect(reads).toBe(0)
  })
})

describe('the rules of a receiver', () => {
  const spec = (validation: string): Receiver['spec'] => ({
    type: 'generic-oidc',
    resources: [],
    oidcProviders: [
      {
        issuerURL: 'https://issuer.example',
        variables: [{ name: 'repo', expression: "claims.repository.split('/')" }],
        validations: [{ expression: validation, message: 'only our repositories' }],
      },
    ],
  })

  test('decide over claims and variables, with the message of the rule', () => {
    const callers = compileCallers(spec("vars.repo[0] == 'acme'"))
    expect(callers.issuers).toEqual([{ issuerURL: 'https://issuer.example', audience: 'notification-controller' }])
    callers.check({ iss: 'https://issuer.example', repository: 'acme/fleet' })
    const check = () => callers.check({ iss: 'https://issuer.example', repository: 'evil/fleet' })
    expect(check).toThrow('OIDC token validation failed: only our repositories')
    expect(() => compileCallers(spec('secrets.x'))).toThrow('spec.oidcProviders[0].validations[0].expression')
  })

  test('of Google’s registry take one account', () => {
    const callers = googleCaller('robot@project.iam', 'https://flux.example/hook')
    callers.check({ email: 'robot@project.iam', email_verified: true })
    expect(() => callers.check({ email: 'robot@project.iam' })).toThrow('not of the expected account')
    expect(() => callers.check({ email: 'other@project.iam', email_verified: true })).toThrow()
  })
})
