import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../base/clock.ts'
import { defineRoute } from './http/route.ts'
import { startServer } from './start.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const needs = { public: 'a test' }
const extraRoutes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/test/fault',
    tag: 'test',
    summary: 'Fails by a fault',
    needs,
    handle: async () => {
      throw new TypeError('undefined is not a function (at /secret/path)')
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/test/echo',
    tag: 'test',
    summary: 'Gives back a name',
    needs,
    audit: { none: 'a test' },
    body: z.object({ name: z.string().max(5), nested: z.object({ count: z.number() }).optional() }),
    answer: z.object({ name: z.string() }),
    handle: async ({ body }) => ({ name: body.name, hidden: 'never declared' }),
  }),
]

describe('the HTTP side of the server', () => {
  let server: TestServer
  beforeAll(async () => {
    const webDir = await mkdtemp(join(tmpdir(), 'sluice-web-'))
    await mkdir(join(webDir, 'assets'))
    await writeFile(join(webDir, 'index.html'), '<!doctype html><title>console</title>')
    await writeFile(join(webDir, 'assets', 'main-1a2b.js'), `console.log(1)${' '.repeat(2000)}`)
    await symlink('/etc/hostname', join(webDir, 'assets', 'outside.txt'))
    server = await startTestServer({ extraRoutes, webDir })
  })
  afterAll(() => server.close())
  const call: TestServer['anonymous']['call'] = (...args) => server.anonymous.call(...args)

  it('sends headers that let nothing foreign run, frame or be guessed, and keeps answers out of caches', async () => {
    for (const path of ['/api/v1/session', '/api/v1/nothing', '/', '/healthz']) {
      const { headers } = await call('GET', path)
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('strict-transport-security')).toBeNull()
    }
  })

  it('names wrong fields, and takes JSON of a bounded size only', async () => {
    const wrong = await call('POST', '/api/v1/test/echo', { name: 'too long', nested: { count: 'x' } })
    expect(wrong.status).toBe(400)
    expect(wrong.body.error.code).toBe('E_REQUEST_INVALID')
    expect(wrong.body.error.fields.map((field: { path: unknown }) => field.path)).toEqual([
      ['name'],
      ['nested', 'count'],
    ])
    expect((await call('POST', '/api/v1/test/echo', '{')).status).toBe(400)
    const form = await call('POST', '/api/v1/test/echo', 'name=x', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(form).toMatchObject({ status: 415, body: { error: { code: 'E_REQUEST_TYPE' } } })
    expect((await call('POST', '/api/v1/test/echo', { name: 'x'.repeat(2_000_000) })).status).toBe(413)
  })

  it('takes no JSON that is deeper than anything real, nor falls over it', async () => {
    const deep = (levels: number) => `{"name":${'['.repeat(levels)}${']'.repeat(levels)}}`
    for (const levels of [300, 400_000]) {
      const refused = await call('POST', '/api/v1/test/echo', deep(levels))
      expect(refused).toMatchObject({ status: 400, body: { error: { code: 'E_REQUEST_INVALID' } } })
    }
    const quoted = await call('POST', '/api/v1/test/echo', JSON.stringify({ name: '[{"'.repeat(300) }))
    expect(quoted.body.error.fields).toMatchObject([{ path: ['name'] }])
  })

  it('answers no field that is not declared', async () => {
    expect((await call('POST', '/api/v1/test/echo', { name: 'ok' })).body).toEqual({ name: 'ok' })
  })

  it('tells of a fault of its own by a reference, which the log explains', async () => {
    const { status, body, text, headers } = await call('GET', '/api/v1/test/fault')
    expect(status).toBe(500)
    expect(text).not.toContain('secret')
    const id = headers.get('x-request-id')!
    expect(body.error).toMatchObject({ code: 'E_INTERNAL', next: expect.stringContaining(id) })
    expect(server.log.some(line => line.includes(id) && line.includes('undefined is not a function'))).toBe(true)
  })

  it('serves the console: its files for ever, its page for every path of its own, and nothing else', async () => {
    const page = await call('GET', '/fleet/prod')
    expect(page.text).toContain('<title>console</title>')
    const asset = await call('GET', '/assets/main-1a2b.js')
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-encoding')).toBe('gzip')
    expect((await call('GET', '/fleet/default/prod.example')).text).toContain('<title>console</title>')
    for (const path of [
      '/assets/gone.js',
      '/assets/gone.example',
      '/assets/outside.txt',
      '/..%2f..%2fetc%2fpasswd.txt',
      '/assets/..%5c..%5cx.js',
    ])
      expect((await call('GET', path)).status, path).toBe(404)
    expect((await call('GET', '/api/v1/nothing')).body.error.code).toBe('E_NOT_FOUND')
    expect((await call('POST', '/fleet')).status).toBe(404)
  })

  it('is not known by other names', async () => {
    const status = await new Promise(resolve => {
      request(server.url, { headers: { host: 'evil.example' } }, answer => resolve(answer.statusCode)).end()
    })
    expect(status).toBe(421)
  })

  it('counts requests by route, never by real path', async () => {
    await call('GET', '/api/v1/jobs/some-name')
    const { text } = await call('GET', '/metrics')
    expect(text).toContain('sluice_http_requests_total{method="GET",route="/api/v1/jobs/{id}",code="401"} 1')
    expect(text).not.toContain('some-name')
    expect((await call('GET', '/readyz')).text).toBe('ok\n')
  })
})

describe('where the server listens', () => {
  const at = async (more: Partial<Parameters<typeof startServer>[0]>) =>
    startServer({
      dataDir: await mkdtemp(join(tmpdir(), 'sluice-at-')),
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      ...more,
    })

  it('is not where others could read along', async () => {
    await expect(at({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'E_SERVER_ADDRESS' })
    await expect(at({ host: '0.0.0.0', trustedProxies: ['10.0.0.0/8'] })).rejects.toMatchObject({
      facts: { expected: 'the address that browsers use' },
    })
    await expect(at({ trustedProxies: ['10.0.0.0/99'] })).rejects.toMatchObject({ code: 'E_USAGE' })
  })

  it('is on a data folder that no other server holds', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-at-'))
    const one = await at({ dataDir })
    await expect(at({ dataDir })).rejects.toMatchObject({ code: 'E_ALREADY_RUNNING' })
    await one.close()
    await (await at({ dataDir })).close()
  })

  it('may be behind a proxy, which is believed about scheme, name and address', async () => {
    const server = await startTestServer({ trustedProxies: ['127.0.0.1'], publicUrl: 'https://sluice.example.com' })
    try {
      const forwarded = {
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'sluice.example.com',
        'x-forwarded-for': '203.0.113.9',
      }
      const done = await server.anonymous.call(
        'POST',
        '/api/v1/session',
        { name: 'admin', password: 'correct horse battery' },
        forwarded,
      )
      expect(done.status).toBe(200)
      expect(done.headers.getSetCookie()[0]).toMatch(/^__Host-sluice=.*; Secure/)
      expect(done.headers.get('strict-transport-security')).toBe('max-age=31536000')
      const { entries } = (
        await server.administrator.call('GET', '/api/v1/audit?limit=1', undefined, {
          ...forwarded,
          cookie: done.headers.getSetCookie()[0]!.split(';')[0]!,
        })
      ).body
      expect(entries[0]).toMatchObject({ action: 'session.sign-in', address: '203.0.113.9' })
    } finally {
      await server.close()
    }
  })
})
