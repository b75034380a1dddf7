import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestIssuer, type TestIssuer, testClient } from '../access/testing/issuer.ts'
import { Secret } from '../secrets/secret.ts'
import { personOf, startTestServer, type TestPerson, type TestServer } from './testing/test-server.ts'

describe('signing in with an issuer', () => {
  let issuer: TestIssuer
  let server: TestServer
  beforeAll(async () => {
    issuer = await startTestIssuer()
    server = await startTestServer({
      oidc: {
        issuer: issuer.url,
        clientId: testClient.id,
        clientSecret: Secret.of(testClient.secret),
        title: 'Acme login',
        groupGrants: {
          platform: [{ role: 'administrator', project: '*', environment: '*' }],
          shop: [{ role: 'operator', project: 'shop', environment: '*' }],
        },
      },
    })
  })
  afterAll(async () => {
    await server.close()
    await issuer.close()
  })
  beforeEach(() => {
    Object.assign(issuer.state, { claims: { sub: 'user-1' }, token: {}, forged: false })
  })

  const cookieOf = (headers: Headers, name: string) =>
    headers
      .getSetCookie()
      .find(text => text.startsWith(name))
      ?.split(';')[0]

  /** What a browser does: to the issuer, and back with the code. */
  const signIn = async (change: (callback: URL) => void = () => {}, returnTo = '/fleet?tab=1') => {
    const begun = await server.anonymous.call('GET', `/api/v1/oidc/begin?returnTo=${encodeURIComponent(returnTo)}`)
    expect(begun.status).toBe(302)
    const flow = cookieOf(begun.headers, 'sluice-oidc=')!
    const sent = await fetch(begun.headers.get('location')!, { redirect: 'manual' })
    const callback = new URL(sent.headers.get('location')!)
    change(callback)
    const back = () =>
      server.anonymous.call('GET', callback.pathname + callback.search, undefined, {
        cookie: flow,
        'sec-fetch-site': 'cross-site',
      })
    const done = await back()
    const session = cookieOf(done.headers, `sluice-${callback.port}=`)
    return {
      done,
      flow,
      callback,
      back,
      me: session === undefined ? undefined : personOf(server.url, '', '', { cookie: session }),
    }
  }
  const session = async (person: TestPerson | undefined) => (await person!.call('GET', '/api/v1/session')).body

  it('is offered on the sign-in page', async () => {
    expect((await session(server.anonymous)).signIn.oidc).toEqual([
      { id: 'default', title: 'Acme login', href: '/api/v1/oidc/begin' },
    ])
  })

  it('makes the user, gives what the groups give, and goes back to where the person was', async () => {
    issuer.state.claims = {
      sub: 'user-1',
      preferred_username: 'ada',
      name: 'Ada L.',
      groups: ['shop', 'unknown', '__proto__'],
    }
    const { done, me } = await signIn()
    expect(done).toMatchObject({ status: 302 })
    expect(done.headers.get('location')).toBe('/fleet?tab=1')
    expect(await session(me)).toMatchObject({
      person: { name: 'ada', displayName: 'Ada L.', via: 'oidc' },
      grants: [{ role: 'operator', project: 'shop', environment: '*' }],
    })
    // The next sign-in brings what the groups are then.
    issuer.state.claims = { sub: 'user-1', preferred_username: 'renamed', groups: [] }
    expect(await session((await signIn()).me)).toMatchObject({ person: { name: 'ada' }, grants: [] })
  })

  it('takes nobody over who has the same name', async () => {
    issuer.state.claims = { sub: 'user-2', preferred_username: 'admin' }
    const answer = await session((await signIn()).me)
    expect(answer.person.name).toMatch(/^admin-\w{6}$/)
    expect(answer.grants).toEqual([])
  })

  it('goes to no other site afterwards', async () => {
    expect((await signIn(undefined, 'https://evil.example')).done.headers.get('location')).toBe('/')
  })

  it.each([
    ['a state that is another one', (url: URL) => url.searchParams.set('state', 'forged'), {}],
    ['a code that is another one', (url: URL) => url.searchParams.set('code', 'forged'), {}],
    ['another nonce', () => {}, { token: { nonce: 'replayed' } }],
    ['another audience', () => {}, { token: { audience: 'another-client' } }],
    ['another issuer', () => {}, { token: { issuer: 'https://evil.example' } }],
    ['a signature of another key', () => {}, { forged: true }],
  ] as const)('refuses %s', async (_, change, wrong) => {
    Object.assign(issuer.state, wrong)
    const { done, me } = await signIn(change)
    expect(done.headers.get('location')).toBe('/sign-in?problem=E_OIDC')
    expect(me).toBeUndefined()
  })

  it('refuses a code that is used again, and a browser that did not begin', async () => {
    const { back, callback } = await signIn()
    expect((await back()).headers.get('location')).toBe('/sign-in?problem=E_OIDC')
    const other = await server.anonymous.call('GET', callback.pathname + callback.search)
    expect(other.headers.get('location')).toBe('/sign-in?problem=E_OIDC')
  })

  it('lets no disabled user in', async () => {
    issuer.state.claims = { sub: 'user-3', preferred_username: 'mallory' }
    await signIn()
    const { body } = await server.administrator.call('GET', '/api/v1/users')
    const { id } = body.users.find((user: { name: string }) => user.name === 'mallory')
    await server.administrator.call('PUT', `/api/v1/users/${id}/disabled`, { disabled: true })
    expect((await signIn()).done.headers.get('location')).toBe('/sign-in?problem=E_SIGN_IN')
  })
})

it('an issuer that does not answer is said so', async () => {
  const oidc = { issuer: 'http://127.0.0.1:1', clientId: 'x', title: 'x', groupGrants: {} }
  const server = await startTestServer({ oidc })
  const answer = await server.anonymous.call('GET', '/api/v1/oidc/begin')
  expect(answer).toMatchObject({ status: 502, body: { error: { code: 'E_OIDC', object: 'http://127.0.0.1:1' } } })
  await server.close()
})
