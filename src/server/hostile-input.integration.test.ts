import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyRoute } from './http/route.ts'
import { declaredRoutes } from './routes/index.ts'
import { type ConnectedServer, startConnectedServer } from './testing/connected-server.ts'

/** What is put where a name, an id or a text is expected. */
const texts = [
  '../../../../etc/passwd',
  '..\\..\\windows',
  'a/../../b',
  '\0',
  '__proto__',
  'constructor',
  'toString',
  "' OR 1=1 --",
  '%2e%2e%2f',
  '%',
  '\r\nset-cookie: x=y',
  '\u202egnp.exe',
  '\ud800',
  '<script>alert(1)</script>',
  '(a+)+$',
  'a'.repeat(5000),
  '-1',
  '1e400',
  '--upload-pack=touch',
]

/** Bodies that are JSON and not what anybody sends. */
const bodies = [
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '{"name":"__proto__","spec":{"__proto__":{"polluted":true}},"change":{"kind":"__proto__"}}',
  '{"change":{"kind":"create","name":"__proto__","project":"web","chart":{"kind":"Template","name":"__proto__","version":"1.0.0"},"values":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}},"environments":[{"environment":"__proto__"}]},"tip":"x"}',
  '{"change":{"kind":"create","name":"shop","project":"web","chart":{"kind":"Template","name":"worker","version":"../../1.0.0"},"values":{"image":{"repository":"x","tag":"1"},"__proto__":{"polluted":true}},"environments":[{"environment":"staging"}]},"tip":"x"}',
  'null',
  '[]',
  '"x"',
  '1e999',
]

/** These would end what the test needs: its own session. */
const spared = new Set(['DELETE /api/v1/session', 'POST /api/v1/session', 'PUT /api/v1/session/password'])
const foreign: readonly Readonly<Record<string, string>>[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site', origin: 'http://evil.example' },
]
const name = ({ method, path }: AnyRoute) => `${method.toUpperCase()} ${path}`

describe('hostile input, from who may do everything,', () => {
  let one: ConnectedServer
  const routes = declaredRoutes().filter(route => !spared.has(name(route)) && route.path !== '/api/v1/live')
  beforeAll(async () => {
    one = await startConnectedServer()
  }, 120_000)
  afterAll(() => one?.close())

  const ask = async (route: AnyRoute, path: string, body?: string) => {
    const answer = await one.server.administrator.call(route.method.toUpperCase(), path, body)
    const told = `${name(route)} ${JSON.stringify(path).slice(0, 200)} ${(body ?? '').slice(0, 100)}: ${answer.text.slice(0, 400)}`
    expect(answer.status, told).not.toBe(500)
    // An address of more than 16 KiB never comes to a route.
    if (answer.status === 431) return answer
    expect(answer.headers.get('cache-control'), told).toContain('no-store')
    expect(answer.headers.get('etag'), told).toBeNull()
    expect(answer.headers.get('set-cookie') ?? '', told).not.toContain('x=y')
    expect(answer.text, told).not.toContain('root:x:0')
    return answer
  }

  it('in a path is a name that is not there, at most', async () => {
    for (const route of routes.filter(({ path }) => path.includes('{')))
      for (const text of texts) {
        // A lone surrogate has no form in an address.
        const part = text === '\ud800' ? '%ED%A0%80' : encodeURIComponent(text)
        const body = route.body === undefined ? undefined : '{}'
        const { status } = await ask(route, route.path.replaceAll(/\{\w+\}/g, part), body)
        if (route.method !== 'get') expect(status, `${name(route)} ${text}`).toBeGreaterThanOrEqual(400)
      }
  }, 60_000)

  it('in a query is found nowhere, at most', async () => {
    for (const route of routes.filter(({ method, query }) => method === 'get' && query !== undefined)) {
      const known = Object.keys((route.query as unknown as { shape?: object }).shape ?? {})
      for (const text of texts) {
        const value = text === '\ud800' ? '%ED%A0%80' : encodeURIComponent(text)
        const words = [...known, '__proto__', 'constructor'].map(key => `${key}=${value}`).join('&')
        await ask(route, `${route.path.replaceAll(/\{\w+\}/g, 'shop')}?${words}`)
      }
    }
  }, 60_000)

  it('in a body is refused, and changes no object of the server itself', async () => {
    for (const route of routes.filter(({ body }) => body !== undefined))
      for (const body of bodies) {
        const { status } = await ask(route, route.path.replaceAll(/\{\w+\}/g, 'shop'), body)
        expect(({} as { polluted?: unknown }).polluted, `${name(route)} ${body}`).toBeUndefined()
        if (!/preview|rendered|check/.test(route.path))
          expect(status, `${name(route)} ${body}`).toBeGreaterThanOrEqual(400)
      }
  }, 60_000)

  it('comes from no other site, whatever the method', async () => {
    for (const route of routes.filter(({ method, rawBody }) => method !== 'get' && rawBody !== true)) {
      for (const headers of foreign) {
        const path = route.path.replaceAll(/\{\w+\}/g, 'shop')
        const { status, body } = await one.server.administrator.call(route.method.toUpperCase(), path, '{}', headers)
        expect([status, body?.error?.code], name(route)).toEqual([403, 'E_REQUEST_ORIGIN'])
      }
    }
  }, 60_000)

  it('leaves no fault of the server in its log', () => {
    expect(one.server.log.filter(line => line.includes('by a fault of the server'))).toEqual([])
  })
})
