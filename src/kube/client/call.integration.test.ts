import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createConnection, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { SluiceError } from '../../base/errors/index.ts'
import { makeCertificates } from '../../sandbox/cluster/access/certificates.ts'
import { Secret } from '../../secrets/secret.ts'
import { type ClusterAccess, fixedCredentials } from './access.ts'
import { createKubeClient, type KubeClientOptions } from './kube-client.ts'
import { isConflict, isNotFound, statusOf } from './status.ts'
import { discovery, json, type Script, ScriptedServer, sleeplessClock, status } from './testing/scripted-server.ts'
import type { KubeClient } from './types.ts'

const token = 'canary-token-0123456789'
const cm = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' } }
const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'b', name: 'a' }
const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const clean of cleanUps.splice(0)) await clean()
})

async function serve(script: Script, tls?: { key: string; cert: string }): Promise<ScriptedServer> {
  const server = await ScriptedServer.start((request, response, count) => {
    return discovery(request, response) || script(request, response, count)
  }, tls)
  cleanUps.push(() => server.stop())
  return server
}

function connect(
  server: string,
  access: Partial<ClusterAccess> = {},
  options: Partial<KubeClientOptions> = {},
): KubeClient {
  const client = createKubeClient(
    {
      name: 'test',
      server,
      namespace: 'default',
      tls: { insecure: false },
      credentials: fixedCredentials({ token: Secret.of(token) }),
      ...access,
    },
    { userAgent: 'test/1', ...options },
  )
  cleanUps.push(() => client.close())
  return client
}

async function failure(promise: Promise<unknown>): Promise<SluiceError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (e: unknown) => e,
  )
  expect((error as Error).name).toBe('SluiceError')
  expect(JSON.stringify(error) + String(error)).not.toContain(token)
  return error as SluiceError
}

const objectRequests = (server: ScriptedServer) => server.requests.filter(r => r.url.includes('configmaps'))

describe('a call', () => {
  it('sends identity, user agent and path below the base of the server', async () => {
    const server = await ScriptedServer.start((request, response) => {
      if (!discovery({ ...request, url: request.url.replace('/k8s/c1', '') }, response)) json(response, cm)
    })
    cleanUps.push(() => server.stop())
    const client = connect(`${server.url}/k8s/c1`)
    expect(await client.get(ref)).toEqual(cm)
    const [request] = objectRequests(server)
    expect(request?.url).toBe('/k8s/c1/api/v1/namespaces/b/configmaps/a')
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'user-agent': 'test/1',
      accept: 'application/json',
    })
  })

  it('acts as another identity with one header for each group', async () => {
    const server = await serve((_, response) => json(response, cm))
    await connect(server.url).as('jane', ['dev', 'ops']).get(ref)
    const raw = objectRequests(server)[0]?.rawHeaders.map(h => h.toLowerCase()) ?? []
    expect(raw.filter(h => h === 'impersonate-group')).toHaveLength(2)
    expect(raw).toEqual(expect.arrayContaining(['impersonate-user', 'jane', 'dev', 'ops']))
  })

  it('writes with field manager, dry run, force and the media type of the patch', async () => {
    const server = await serve((_, response) => json(response, cm))
    const client = connect(server.url)
    await client.apply(cm, { fieldManager: 'm', force: true, dryRun: true, fieldValidation: 'Strict' })
    await client.patch(ref, 'json', [{ op: 'add' }], { subresource: 'status' })
    await client.delete(ref, { propagationPolicy: 'Background', preconditions: { uid: 'u' } })
    await client.create(cm)
    await client.replace(cm)
    expect(objectRequests(server).map(r => [r.method, r.url, r.headers['content-type']])).toEqual([
      [
        'PATCH',
        '/api/v1/namespaces/b/configmaps/a?fieldManager=m&dryRun=All&fieldValidation=Strict&force=true',
        'application/apply-patch+yaml',
      ],
      ['PATCH', '/api/v1/namespaces/b/configmaps/a/status', 'application/json-patch+json'],
      ['DELETE', '/api/v1/namespaces/b/configmaps/a', 'application/json'],
      ['POST', '/api/v1/namespaces/b/configmaps', 'application/json'],
      ['PUT', '/api/v1/namespaces/b/configmaps/a', 'application/json'],
    ])
    expect(JSON.parse(objectRequests(server)[2]!.body)).toMatchObject({
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid: 'u' },
    })
  })

  it.each(['..', '.', 'a/../../secrets/x', 'a%2fb', ''])('refuses the name %j before anything is sent', async name => {
    const server = await serve((_, response) => json(response, cm))
    const error = await failure(connect(server.url).get({ ...ref, name }))
    expect(error.code).toBe('E_KUBE_OBJECT')
    expect(objectRequests(server)).toEqual([])
  })

  it('says when the namespace is missing', async () => {
    const server = await serve((_, response) => json(response, cm))
    expect((await failure(connect(server.url).get({ ...ref, namespace: '' }))).message).toContain(
      'ConfigMap is namespaced',
    )
  })
})

describe('answers that are failures', () => {
  it.each([
    [400, 'BadRequest', 'E_KUBE_REJECTED'],
    [401, 'Unauthorized', 'E_KUBE_UNAUTHORIZED'],
    [403, 'Forbidden', 'E_KUBE_FORBIDDEN'],
    [404, 'NotFound', 'E_KUBE_NOT_FOUND'],
    [409, 'Conflict', 'E_KUBE_CONFLICT'],
    [409, 'AlreadyExists', 'E_KUBE_ALREADY_EXISTS'],
    [410, 'Expired', 'E_KUBE_GONE'],
    [422, 'Invalid', 'E_KUBE_INVALID'],
    [500, 'InternalError', 'E_KUBE_SERVER'],
    [504, 'Timeout', 'E_KUBE_TIMEOUT'],
  ])('HTTP %i %s is %s, once', async (code, reason, expected) => {
    const server = await serve((_, response) => status(response, code, reason, 'what the server says'))
    const error = await failure(connect(server.url).get(ref))
    expect(error.code).toBe(expected)
    expect(error.message).toMatch(/^ConfigMap\/b\/a: .*what the server says$/)
    expect(statusOf(error)).toMatchObject({ code, reason })
    expect(objectRequests(server)).toHaveLength(1)
  })

  it('keeps the causes of a conflict and takes secrets out of messages', async () => {
    const server = await serve((_, response) =>
      json(
        response,
        {
          kind: 'Status',
          code: 409,
          reason: 'Conflict',
          message: `no: ${token}`,
          details: { causes: [{ field: '.data.a', message: `by ${token}` }] },
        },
        409,
      ),
    )
    const error = await failure(connect(server.url).apply(cm, { fieldManager: 'm' }))
    expect(isConflict(error)).toBe(true)
    expect(statusOf(error)?.details?.causes).toEqual([{ field: '.data.a', message: 'by ***' }])
  })

  it('find and delete take a missing object as an answer', async () => {
    const server = await serve((_, response) => status(response, 404, 'NotFound'))
    const client = connect(server.url)
    expect(await client.find(ref)).toBeUndefined()
    expect(await client.delete(ref)).toBe(false)
    expect(await client.find({ ...ref, kind: 'Nothing' })).toBeUndefined()
    expect(isNotFound(await failure(client.get({ ...ref, kind: 'Nothing' })))).toBe(true)
  })

  it('refuses a login page and says which server showed it', async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
    )
    const error = await failure(connect(server.url).get(ref))
    expect(error.code).toBe('E_KUBE_NOT_KUBERNETES')
    expect(error.message).toContain(server.url)
  })

  it('does not follow a redirect to another host', async () => {
    const other = await serve((_, response) => json(response, cm))
    const server = await serve((_, response) => response.writeHead(302, { location: `${other.url}/login` }).end())
    const error = await failure(connect(server.url).get(ref))
    expect(error.code).toBe('E_KUBE_NOT_KUBERNETES')
    expect(error.message).toContain(new URL(other.url).host)
    expect(other.requests).toEqual([])
  })
})

describe('waiting and repeating', () => {
  it.each([429, 503])('waits as long as a %i with Retry-After asks, also before a create', async code => {
    const clock = sleeplessClock()
    const server = await serve((_, response, count) =>
      count < 3 ? response.writeHead(code, { 'retry-after': '7' }).end() : json(response, cm, 201),
    )
    await connect(server.url, {}, { clock }).create(cm)
    expect(clock.slept).toEqual([7000])
    expect(objectRequests(server)).toHaveLength(2)
  })

  it('understands Retry-After as a date', async () => {
    const clock = sleeplessClock()
    const server = await serve((_, response, count) =>
      count < 3
        ? response.writeHead(429, { 'retry-after': new Date(Date.now() + 5000).toUTCString() }).end()
        : json(response, cm),
    )
    await connect(server.url, {}, { clock }).get(ref)
    expect(clock.slept[0]).toBeGreaterThan(3000)
    expect(clock.slept[0]).toBeLessThanOrEqual(5000)
  })

  it('fails at once when the wait is longer than the call may take', async () => {
    const clock = sleeplessClock()
    const server = await serve((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end())
    const error = await failure(connect(server.url, {}, { clock }).get(ref))
    expect(error.code).toBe('E_KUBE_THROTTLED')
    expect(error.facts.details?.['retryAfterMs']).toBe(3_600_000)
    expect(clock.slept).toEqual([])
  })

  it('stops after a bounded number of waits', async () => {
    const server = await serve((_, response) => response.writeHead(429, { 'retry-after': '1' }).end())
    const error = await failure(connect(server.url, {}, { clock: sleeplessClock() }).get(ref, { timeoutMs: 60_000 }))
    expect(error.code).toBe('E_KUBE_THROTTLED')
    expect(objectRequests(server)).toHaveLength(11)
  })

  it('repeats reads, applies and deletes after a broken connection or a 502, but no creates, updates and patches', async () => {
    for (const fault of ['reset', 'bad gateway'] as const) {
      const server = await serve((request, response) => {
        if (fault === 'reset') response.socket?.destroy()
        else response.writeHead(502, { 'content-type': 'text/html' }).end(`<html>${request.url}</html>`)
      })
      const client = connect(server.url, {}, { clock: sleeplessClock() })
      const counts: Record<string, number> = {}
      const attempt = async (name: string, work: () => Promise<unknown>) => {
        const before = objectRequests(server).length
        const error = await failure(work())
        expect(error.code).toBe(fault === 'reset' ? 'E_KUBE_UNREACHABLE' : 'E_KUBE_SERVER')
        expect(error.message).not.toContain('<html>')
        counts[name] = objectRequests(server).length - before
      }
      await attempt('get', () => client.get(ref))
      await attempt('apply', () => client.apply(cm, { fieldManager: 'm' }))
      await attempt('delete', () => client.delete(ref))
      await attempt('create', () => client.create(cm))
      await attempt('replace', () => client.replace(cm))
      await attempt('patch', () => client.patch(ref, 'merge', {}))
      expect(counts).toEqual({ get: 3, apply: 3, delete: 3, create: 1, replace: 1, patch: 1 })
    }
  })

  it('asks for credentials again once after a 401', async () => {
    const server = await serve((request, response) =>
      request.headers.authorization === 'Bearer new-token-0123456789'
        ? json(response, cm)
        : status(response, 401, 'Unauthorized'),
    )
    let current = 'old-token-0123456789'
    const credentials = {
      current: () => ({ token: Secret.of(current) }),
      refresh: () => {
        current = 'new-token-0123456789'
        return true
      },
    }
    // The scripted discovery does not look at tokens.
    expect(await connect(server.url, { credentials }).get(ref)).toEqual(cm)
    expect(objectRequests(server)).toHaveLength(2)
  })
})

describe('time limits', () => {
  it('gives up a call that gets no answer', async () => {
    const server = await serve(() => {})
    const started = performance.now()
    const error = await failure(connect(server.url).get(ref, { timeoutMs: 200 }))
    expect(error.code).toBe('E_KUBE_TIMEOUT')
    expect(error.message).toContain('within 0.2 s')
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('gives up a call whose answer stops half way', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"kind":')
    })
    expect((await failure(connect(server.url).get(ref, { timeoutMs: 200 }))).code).toBe('E_KUBE_TIMEOUT')
  })

  it('ends when its signal is aborted, before and during the call', async () => {
    const server = await serve(() => {})
    const client = connect(server.url)
    expect((await failure(client.get(ref, { signal: AbortSignal.abort() }))).code).toBe('E_ABORTED')
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    expect((await failure(client.get(ref, { signal: stop.signal }))).code).toBe('E_ABORTED')
  })
})

describe('a forward proxy', () => {
  it('carries calls and watches through a tunnel, with its own credentials', async () => {
    const certificates = makeCertificates(new Date(), '127.0.0.1')
    const server = await serve(
      (request, response) =>
        request.url.includes('watch=')
          ? response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
          : json(response, cm),
      { key: certificates.keyPem, cert: certificates.certPem },
    )
    const tunnels: (string | undefined)[] = []
    const proxy = createServer().on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      tunnels.push(request.headers['proxy-authorization'])
      const [host = '', port = ''] = (request.url ?? '').split(':')
      const through = createConnection(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        if (head.length > 0) through.write(head)
        through.pipe(socket).pipe(through)
      })
      for (const end of [through, socket]) end.on('error', () => [through, socket].map(s => s.destroy()))
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => new Promise(resolve => proxy.close(() => resolve())))
    const { port } = proxy.address() as AddressInfo
    const client = connect(server.url, {
      tls: { ca: certificates.caPem, insecure: false },
      proxyUrl: Secret.of(`http://user:proxy-password-01@127.0.0.1:${port}`),
    })
    expect(await client.get(ref)).toEqual(cm)
    for await (const _ of client.watch(cm, { signal: AbortSignal.timeout(300) })) expect.unreachable()
    expect(new Set(tunnels)).toEqual(new Set([`Basic ${Buffer.from('user:proxy-password-01').toString('base64')}`]))
    expect(objectRequests(server)[0]?.headers['proxy-authorization']).toBeUndefined()
    await client.close()
  })

  it('that does not listen is an error that names it as such', async () => {
    const proxy = await ScriptedServer.start(() => {})
    await proxy.stop()
    const error = await failure(connect('https://127.0.0.1:1', { proxyUrl: Secret.of(proxy.url) }).get(ref))
    expect(error.code).toBe('E_KUBE_UNREACHABLE')
  })
})

describe('connections that cannot be made', () => {
  const good = makeCertificates(new Date(), '127.0.0.1')

  it('accepts the authority that the access names', async () => {
    const server = await serve((_, response) => json(response, cm), { key: good.keyPem, cert: good.certPem })
    expect(await connect(server.url, { tls: { ca: good.caPem, insecure: false } }).get(ref)).toEqual(cm)
    expect(await connect(server.url, { tls: { insecure: true } }).get(ref)).toEqual(cm)
  })

  it('refuses unknown authorities, expired certificates and other names', async () => {
    const server = await serve((_, response) => json(response, cm), { key: good.keyPem, cert: good.certPem })
    const other = makeCertificates(new Date(), '127.0.0.1')
    const unknown = await failure(connect(server.url, { tls: { ca: other.caPem, insecure: false } }).get(ref))
    expect(unknown.code).toBe('E_KUBE_TLS')
    expect(unknown.message).toMatch(/unknown authority|wrong signature/)
    const name = await failure(
      connect(server.url, { tls: { ca: good.caPem, insecure: false, serverName: 'other.test' } }).get(ref),
    )
    expect(name.code).toBe('E_KUBE_TLS')
    expect(name.message).toContain('other names')
    const old = makeCertificates(new Date('2010-01-01'), '127.0.0.1')
    const expired = await serve((_, response) => json(response, cm), { key: old.keyPem, cert: old.certPem })
    const error = await failure(connect(expired.url, { tls: { ca: old.caPem, insecure: false } }).get(ref))
    expect(error.code).toBe('E_KUBE_TLS')
    expect(error.message).toContain('expired')
    expect(objectRequests(server)).toEqual([])
  })

  it('tells a server without TLS from one with a wrong certificate', async () => {
    const server = await serve((_, response) => json(response, cm))
    const error = await failure(connect(server.url.replace('http:', 'https:')).get(ref))
    expect(error.code).toBe('E_KUBE_NOT_KUBERNETES')
  })

  it('says that nothing listens, and that a name does not resolve', async () => {
    const server = await ScriptedServer.start(() => {})
    await server.stop()
    const refused = await failure(connect(server.url).get(ref))
    expect([refused.code, refused.retryable, refused.exitCode]).toEqual(['E_KUBE_UNREACHABLE', true, 6])
    expect(refused.message).toContain('nothing listens there')
    const unknown = await failure(connect('https://no-such-host.invalid:6443').get(ref))
    expect(unknown.code).toBe('E_KUBE_UNREACHABLE')
    expect(unknown.message).toMatch(/the name does not resolve|the name server does not answer/)
  })
})
