import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from './start.ts'
import { TestClient } from './testing/http-client.ts'

let cluster: SandboxCluster
let client: TestClient
const maps = '/api/v1/namespaces/default/configmaps'
const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})

beforeAll(async () => {
  cluster = await startCluster()
  client = new TestClient(cluster)
})

afterAll(async () => {
  client.close()
  await cluster.close()
})

describe('who may ask', () => {
  it('answers health and version to anybody, and nothing else', async () => {
    for (const path of ['/livez', '/readyz', '/healthz', '/version']) {
      expect((await client.ask({ path, anonymous: true })).status, path).toBe(200)
    }
    for (const path of ['/api', '/apis', maps, '/openapi/v3', '/metrics', '/']) {
      expect((await client.ask({ path, anonymous: true })).status, path).toBe(401)
    }
    expect((await client.ask({ path: maps, headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
  })

  it('refuses browsers and names that are not its own', async () => {
    expect((await client.ask({ path: maps, headers: { origin: 'https://evil.example' } })).status).toBe(403)
    expect((await client.ask({ path: maps, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
    expect((await client.ask({ path: maps, headers: { host: 'rebound.example:6443' } })).status).toBe(403)
  })

  it('shows a certificate that is good for its names', async () => {
    const { port, caPem } = cluster
    for (const servername of ['localhost', 'kubernetes.default.svc']) {
      await new Promise<void>((done, fail) => {
        const socket = connect({ host: '127.0.0.1', port, ca: caPem, servername }, () => {
          socket.end()
          done()
        })
        socket.on('error', fail)
      })
    }
  })
})

describe('bad input', () => {
  it.each([
    ['broken JSON', '{"apiVersion"', 400],
    ['a list', '[]', 400],
    ['a number', '12', 400],
    ['nothing', '', 400],
    ['a deep nest', '['.repeat(200_000), 400],
    ['a body over the limit', `{"data":"${'x'.repeat(4 * 1024 * 1024)}"}`, 413],
    ['a key that is the prototype', '{"__proto__":{"x":1},"metadata":{"name":"Not Valid"}}', 422],
    ['metadata that is a text', '{"apiVersion":"v1","kind":"ConfigMap","metadata":"x"}', 400],
  ])('answers %s with a Status and lives on', async (_what, body, status) => {
    const reply = await client.ask({ method: 'POST', path: maps, body })
    expect(reply.status).toBe(status)
    expect(reply.json()).toMatchObject({ kind: 'Status', status: 'Failure', code: status })
    expect((await client.ask({ path: '/livez' })).text).toBe('ok')
  })

  it.each([
    '/api/../etc/passwd',
    '/api/v1/%2e%2e/x',
    '/api/v1/namespaces/%zz/configmaps',
    '/apis//v1',
    '//',
    '/api/v1/nothing',
  ])('answers the path %s with a refusal', async path => {
    const { status } = await client.ask({ path })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  })

  it('does not read protobuf that is none', async () => {
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' }
    for (const body of ['k8s\u0000', 'k8s\u0000\u0012\u007f', 'nonsense']) {
      expect((await client.ask({ method: 'POST', path: maps, headers, body })).status).toBeGreaterThanOrEqual(400)
    }
  })
})

describe('watches', () => {
  it('get every change once, in order, with rising versions, while others write', async () => {
    const start = (await client.ask({ path: maps })).json<{ metadata: { resourceVersion: string } }>()
    const watches = await Promise.all(
      [1, 2, 3].map(() => client.watch(`${maps}?watch=1&resourceVersion=${start.metadata.resourceVersion}`)),
    )
    const rounds = 40
    await Promise.all(
      [0, 1, 2, 3].map(async writer => {
        for (let i = 0; i < rounds; i++) {
          const name = `w-${writer}-${i}`
          await client.ask({ method: 'POST', path: maps, body: configMap(name, { i: String(i) }) })
          await client.ask({ method: 'DELETE', path: `${maps}/${name}` })
        }
      }),
    )
    const streams: string[][] = []
    for (const watch of watches) {
      const seen: string[] = []
      let last = Number(start.metadata.resourceVersion)
      for (let i = 0; i < rounds * 4 * 2; i++) {
        const event = await watch.next()
        const version = Number(event?.object.metadata['resourceVersion'])
        expect(version).toBeGreaterThan(last)
        last = version
        seen.push(`${event?.type} ${String(event?.object.metadata['name'])}`)
      }
      watch.close()
      streams.push(seen)
    }
    expect(streams[1]).toEqual(streams[0])
    expect(streams[2]).toEqual(streams[0])
    expect(new Set(streams[0]).size).toBe(rounds * 4 * 2)
  })

  it('miss nothing between a list and a watch, wherever the watch starts', async () => {
    const versions: string[] = []
    for (let i = 0; i < 20; i++) {
      const reply = await client.ask({ method: 'POST', path: maps, body: configMap(`m-${i}`) })
      versions.push(reply.json<{ metadata: { resourceVersion: string } }>().metadata.resourceVersion)
    }
    for (const from of [0, 7, 18]) {
      const watch = await client.watch(`${maps}?watch=1&resourceVersion=${versions[from]}`)
      for (let i = from + 1; i < 20; i++) expect((await watch.next())?.object.metadata['name']).toBe(`m-${i}`)
      watch.close()
    }
  })
})

describe('optimistic locking', () => {
  it('lets one of many writers with the same version win', async () => {
    const made = (await client.ask({ method: 'POST', path: maps, body: configMap('lock') })).json<{
      metadata: Record<string, unknown>
    }>()
    const replies = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        client.ask({ method: 'PUT', path: `${maps}/lock`, body: { ...made, data: { i: String(i) } } }),
      ),
    )
    expect(replies.filter(reply => reply.status === 200)).toHaveLength(1)
    expect(replies.filter(reply => reply.status === 409)).toHaveLength(15)
  })
})
