import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'
import { FaultyServer } from '../../testing/faulty-server.ts'
import { installationToken } from './github-app.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
let github: FaultyServer
let now: number
let given: number
/** How far GitHub's clock is ahead of ours, in milliseconds. */
let ahead: number

beforeEach(async () => {
  now = Date.now()
  given = 0
  ahead = 0
  github = await FaultyServer.start(({ method, path, authorization }) => {
    const [head = '', body = '', signature = ''] = (authorization ?? '').replace('Bearer ', '').split('.')
    const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
    if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url')))
      return { status: 401 }
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { iss: string; iat: number; exp: number }
    if (claims.iss !== '42' || claims.exp - claims.iat > 600) return { status: 401 }
    const theirs = now + ahead
    const date = new Date(theirs).toUTCString()
    if (claims.iat * 1000 > theirs || claims.exp * 1000 < theirs || claims.exp * 1000 > theirs + 600_000)
      return { status: 401, headers: { date } }
    if (path === '/orgs/acme/installation') return { status: 404 }
    if (path === '/users/acme/installation') return { status: 200, body: JSON.stringify({ id: 7 }) }
    if (method !== 'POST' || path !== '/app/installations/7/access_tokens') return { status: 404 }
    given++
    const expires = new Date(theirs + 3_600_000).toISOString()
    return {
      status: 201,
      headers: { date },
      body: JSON.stringify({ token: `ghs_token_number_${given}`, expires_at: expires }),
    }
  })
})
afterEach(() => github.close())

const clock = { ...systemClock, now: () => new Date(now) } as Clock
const token = async (texts: Record<string, string>) =>
  (
    await installationToken(
      { githubAppID: '42', githubAppPrivateKey: pem, githubAppBaseURL: github.url, ...texts },
      {},
      clock,
      AbortSignal.timeout(10_000),
    )
  ).reveal()

test('a token is made with a signed proof, kept until shortly before it ends, and made anew', async () => {
  const installation = { githubAppInstallationID: '7' }
  expect(await token(installation)).toBe('ghs_token_number_1')
  now += 50 * 60_000
  expect(await token(installation)).toBe('ghs_token_number_1')
  now += 6 * 60_000
  expect(await token(installation)).toBe('ghs_token_number_2')
})

test('the installation of an owner is looked up', async () => {
  expect(await token({ githubAppInstallationOwner: 'acme' })).toBe('ghs_token_number_1')
})

test('who has but another key with the same number gets no token of others', async () => {
  await token({ githubAppInstallationID: '7' })
  const { privateKey: other } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const stolen = other.export({ type: 'pkcs1', format: 'pem' }).toString()
  await expect(token({ githubAppInstallationID: '7', githubAppPrivateKey: stolen })).rejects.toThrow('status 401')
})

test.each([-5, 5])('a clock that is %d hours off gets a token, and knows when that ends', async hours => {
  ahead = hours * 3_600_000
  const installation = { githubAppInstallationID: '7' }
  expect(await token(installation)).toBe('ghs_token_number_1')
  now += 50 * 60_000
  expect(await token(installation)).toBe('ghs_token_number_1')
  now += 6 * 60_000
  expect(await token(installation)).toBe('ghs_token_number_2')
})

test.each([
  [{ githubAppID: '' }, 'githubAppID'],
  [{ githubAppPrivateKey: 'nonsense', githubAppInstallationID: '7' }, 'no RSA private key'],
  [{}, "one of the keys 'githubAppInstallationID'"],
  [{ githubAppInstallationID: '7', githubAppInstallationOwner: 'acme' }, 'only one of the keys'],
  [{ githubAppInstallationID: '7/../../x' }, 'no number'],
  [{ githubAppInstallationOwner: '../x' }, 'no name'],
  [{ githubAppInstallationID: '7', githubAppBaseURL: 'http://example.com' }, 'no https address'],
])('%j is named', async (texts, words) => {
  await expect(token(texts)).rejects.toThrow(words)
  expect(given).toBe(0)
})
