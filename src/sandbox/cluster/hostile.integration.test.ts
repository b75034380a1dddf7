import { createConnection, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from './start.ts'
import { TestClient } from './testing/http-client.ts'

let cluster: SandboxCluster
let client: TestClient
const maps = '/api/v1/namespaces/default/configmaps'

beforeAll(async () => {
  cluster = await startCluster()
  client = new TestClient(cluster)
})

afterAll(async () => {
  client.close()
  await cluster.close()
})

const alive = async () => expect((await client.ask({ path: '/livez' })).text).toBe('ok')
const yaml = { 'content-type': 'application/yaml' }
const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
for (const [i, letter] of [...'bcdefghij'].entries()) {
  const before = 'abcdefghij'[i]
  bomb.push(`${letter}: &${letter} [${Array(9).fill(`*${before}`).join(', ')}]`)
}

describe('bodies that mean harm', () => {
  it.each([
    ['an alias bomb', bomb.join('\n'), yaml],
    ['YAML nested too deep', `${'['.repeat(50_000)}`, yaml],
    ['YAML that cannot be read', 'a: [b', yaml],
    ['YAML with tabs', 'a:\n\t- b', yaml],
    ['an unknown content type', '{}', { 'content-type': 'text/xml' }],
    ['a gzip body', '{}', { 'content-encoding': 'gzip', 'content-type': 'application/x-unknown' }],
    ['JSON with a byte order mark', '\ufeff{', {}],
    ['JSON nested too deep', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, {}],
    ['numbers that are none', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n","generation":1e999}}', {}],
  ])('%s is answered with a Status', async (_name, body, headers) => {
    const started = performance.now()
    const reply = await client.ask({ method: 'POST', path: maps, body, headers })
    expect(reply.status).toBeGreaterThanOrEqual(400)
    expect(reply.status).toBeLessThan(500)
    expect(reply.json()).toMatchObject({ kind: 'Status', status: 'Failure' })
    expect(performance.now() - started).toBeLessThan(3000)
    await alive()
  })

  it('fields given twice are refused when asked, warned of otherwise', async () => {
    const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}'
    const strict = await client.ask({ method: 'POST', path: `${maps}?fieldValidation=Strict`, body })
    expect([strict.status, strict.text.includes('duplicate field \\"data.a\\"')]).toEqual([400, true])
    const warned = await client.ask({ method: 'POST', path: `${maps}?fieldValidation=Warn`, body })
    expect([warned.status, String(warned.headers['warning'])]).toEqual([201, '299 - "duplicate field \\"data.a\\""'])
  })

  it('a body without end is cut at the limit', async () => {
    const reply = await client.ask({ method: 'PUT', path: `${maps}/large`, body: 'x'.repeat(3 * 1024 * 1024 + 1) })
    expect(reply.status).toBe(413)
    await alive()
  })

  it('a patch with too many operations is refused', async () => {
    await client.ask({
      method: 'POST',
      path: maps,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'p' } },
    })
    const operations = Array.from({ length: 10_001 }, () => ({ op: 'add', path: '/data/a', value: 'b' }))
    const headers = { 'content-type': 'application/json-patch+json' }
    const reply = await client.ask({ method: 'PATCH', path: `${maps}/p`, body: operations, headers })
    expect(reply.status).toBe(413)
  })
})

describe('selectors and paths that mean harm', () => {
  it.each([
    `${maps}?labelSelector=a%20b%20c`,
    `${maps}?labelSelector=a%20in%20(`,
    `${maps}?labelSelector=${encodeURIComponent(`${'x'.repeat(300)}=y`)}`,
    `${maps}?fieldSelector=spec.nothing=1`,
    `${maps}?fieldSelector=metadata.name`,
    `${maps}?limit=-x`,
    `${maps}?continue=nonsense`,
    `${maps}?resourceVersion=x`,
    '/api/v1/namespaces/default/../../../etc/passwd',
    '/api/v1/namespaces/..%2f..%2fetc/configmaps',
    '/api/v1/namespaces/default/configmaps/%00',
    '/api/v1/namespaces/%c0%af/configmaps',
    `/${'a/'.repeat(5000)}`,
  ])('%s is refused or empty', async path => {
    const reply = await client.ask({ path })
    if (reply.status === 200) expect(reply.json<{ items: unknown[] }>().items).toEqual([])
    else expect(reply.status).toBeGreaterThanOrEqual(400)
    await alive()
  })
})

describe('who has no token', () => {
  it.each([
    ['none', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic c2x1aWNlOnNsdWljZQ==' }],
    ['one that is too long', { authorization: `Bearer ${'x'.repeat(20_000)}` }],
    ['one that looks like a JWT', { authorization: 'Bearer e30.e30.e30' }],
    ['an impersonation', { 'impersonate-user': 'system:admin', 'impersonate-group': 'system:masters' }],
  ])('%s: learns and changes nothing', async (_name, headers) => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stranger' } }
    for (const ask of [{ path: maps }, { path: '/openapi/v2' }, { path: maps, method: 'POST', body }]) {
      const reply = await client.ask({ ...ask, headers, anonymous: true })
      expect(reply.status).toBe(401)
      expect(reply.json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' })
    }
    expect((await client.ask({ path: `${maps}/stranger` })).status).toBe(404)
  })
})

describe('connections that mean harm', () => {
  const raw = (text: string): Promise<string> =>
    new Promise(resolve => {
      let seen = ''
      const socket = connect({ host: '127.0.0.1', port: cluster.port, ca: cluster.caPem, servername: 'localhost' })
      socket.on('secureConnect', () => socket.write(text))
      socket.on('data', chunk => (seen += chunk.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () => resolve(seen))
      setTimeout(() => socket.destroy(), 2000).unref()
    })

  it.each([
    ['nonsense', 'HELO there\r\n\r\n'],
    ['two lengths', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'length and chunks',
      'POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['endless headers', `GET /livez HTTP/1.1\r\nHost: localhost\r\n${'X-A: y\r\n'.repeat(20_000)}\r\n`],
    ['no host', 'GET /api HTTP/1.1\r\n\r\n'],
  ])('%s: a refusal or a closed connection', async (_name, text) => {
    const seen = await raw(text)
    if (seen !== '') expect(seen).toMatch(/^HTTP\/1\.1 (4\d\d|501)/)
    await alive()
  })

  it('plain HTTP and half a handshake end without an answer', async () => {
    const seen = await new Promise<string>(resolve => {
      let text = ''
      const socket = createConnection({ host: '127.0.0.1', port: cluster.port })
      socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
      socket.on('data', chunk => (text += chunk.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () => resolve(text))
    })
    expect(seen).not.toContain('ok')
    await alive()
  })

  it('a body that comes byte by byte holds nobody else up', async () => {
    const token = cluster.adminToken.reveal()
    const slow = connect({ host: '127.0.0.1', port: cluster.port, ca: cluster.caPem, servername: 'localhost' })
    slow.on('error', () => {})
    slow.write(
      `POST ${maps} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    )
    const started = performance.now()
    for (let i = 0; i < 20; i++) await alive()
    expect(performance.now() - started).toBeLessThan(2000)
    slow.destroy()
    await alive()
  })

  it('ten thousand idle connections keep nobody out, and memory stays bounded', async () => {
    const before = process.memoryUsage().rss
    const idle: Socket[] = []
    let closed = 0
    for (let batch = 0; batch < 100; batch++) {
      await Promise.all(
        Array.from(
          { length: 100 },
          () =>
            new Promise<void>(resolve => {
              const socket = createConnection({ host: '127.0.0.1', port: cluster.port })
              socket.on('connect', () => resolve())
              socket.on('error', () => resolve())
              socket.on('close', () => closed++)
              idle.push(socket)
            }),
        ),
      )
      if (batch % 20 === 0) await alive()
    }
    const late = new TestClient(cluster)
    expect((await late.ask({ path: '/api/v1/namespaces/default' })).status).toBe(200)
    late.close()
    await alive()
    // The oldest have been closed by the server; the rest is a bounded number.
    await expect.poll(() => closed).toBeGreaterThan(9000)
    expect((process.memoryUsage().rss - before) / 1048576).toBeLessThan(300)
    for (const socket of idle) socket.destroy()
  })

  it('clients that read nothing of a watch are cut off, and cost a bounded amount', async () => {
    const token = cluster.adminToken.reveal()
    const deaf = connect({ host: '127.0.0.1', port: cluster.port, ca: cluster.caPem, servername: 'localhost' })
    deaf.on('error', () => {})
    let ended = false
    await new Promise<void>(resolve => deaf.once('secureConnect', () => resolve()))
    deaf.write(`GET ${maps}?watch=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    deaf.pause()
    const body = (i: number) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'loud' },
      data: { n: `${i}`, text: 'x'.repeat(900_000) },
    })
    await client.ask({ method: 'POST', path: maps, body: body(0) })
    for (let i = 1; i < 40; i++) await client.ask({ method: 'PUT', path: `${maps}/loud`, body: body(i) })
    deaf.on('close', () => (ended = true))
    deaf.resume()
    await expect.poll(() => ended, { timeout: 5000 }).toBe(true)
    await alive()
  })
})
