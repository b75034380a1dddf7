import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../secrets/secret.ts'
import { FaultyServer } from '../../testing/faulty-server.ts'
import type { HttpAccess } from './access.ts'
import { HttpClient, type HttpRequest } from './client.ts'

// What goes over the wire, to real servers with real certificates.
let dir: string
let secure: ReturnType<typeof createTlsServer>
const pem = (name: string) => readFileSync(join(dir, name), 'utf8')

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

beforeAll(async () => {
  if (!hasOpenssl) return
  dir = mkdtempSync(join(tmpdir(), 'sluice-http-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' })
  const key = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    `${name}.key`,
  ]
  openssl('req', '-x509', ...key('ca'), '-out', 'ca.pem', '-subj', '/CN=test ca', '-days', '2')
  for (const name of ['server', 'client']) {
    openssl(
      'req',
      ...key(name),
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    )
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-out',
      `${name}.pem`,
      '-days',
      '2',
      '-copy_extensions',
      'copy',
    )
  }
  const options = {
    cert: pem('server.pem'),
    key: pem('server.key'),
    ca: pem('ca.pem'),
    requestCert: true,
    rejectUnauthorized: false,
  }
  secure = createTlsServer(options, (request: IncomingMessage, response) => {
    if (request.url === '/down') {
      response.writeHead(302, { location: 'http://127.0.0.1:1/plain' })
      response.end()
    } else response.end((request.socket as TLSSocket).authorized ? 'known' : 'unknown')
  })
  await new Promise<void>(resolve => secure.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  if (!hasOpenssl) return
  secure.closeAllConnections()
  secure.close()
  rmSync(dir, { recursive: true, force: true })
})

const tlsUrl = (path = '/') => new URL(`https://127.0.0.1:${(secure.address() as AddressInfo).port}${path}`)
async function get(url: URL, access: HttpAccess = {}, asked: Partial<HttpRequest> = {}): Promise<string> {
  const client = new HttpClient(access)
  try {
    return (await client.send(url, { maxBytes: 1000, signal: AbortSignal.timeout(10_000), ...asked })).body.toString()
  } finally {
    await client.close()
  }
}

describe.skipIf(!hasOpenssl)('certificates', () => {
  test('of an unknown authority are refused, of a given one taken; ours is shown', async () => {
    await expect(get(tlsUrl())).rejects.toThrow(/certificate/)
    expect(await get(tlsUrl(), { ca: pem('ca.pem') })).toBe('unknown')
    const client = { certificate: pem('client.pem'), key: Secret.of(pem('client.key')) }
    expect(await get(tlsUrl(), { ca: pem('ca.pem'), client })).toBe('known')
    expect(await get(tlsUrl(), { anyCertificate: true })).toBe('unknown')
  })

  test('a redirect never leads from https to http', async () => {
    await expect(get(tlsUrl('/down'), { ca: pem('ca.pem') })).rejects.toThrow('it redirects from https to http')
  })
})

describe.skipIf(!hasOpenssl)('a proxy', () => {
  test('is used for http and https, and gets its login', async () => {
    const seen: (string | undefined)[] = []
    const proxy = createHttpServer()
    proxy.on('connect', (request, socket, head) => {
      seen.push(request.headers['proxy-authorization'])
      const [host, port] = (request.url ?? '').split(':')
      const target = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        target.write(head)
        target.pipe(socket)
        socket.pipe(target)
      })
      target.on('error', () => socket.destroy())
      socket.on('error', () => target.destroy())
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    const plain = await FaultyServer.start(() => ({ status: 200, body: 'plain' }))
    try {
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`
      const login = { url, username: 'ann', password: Secret.of('proxy-password') }
      expect(await get(tlsUrl(), { ca: pem('ca.pem'), proxy: login })).toBe('unknown')
      expect(await get(new URL(plain.url), { proxy: login })).toBe('plain')
      expect(seen).toEqual(Array(2).fill(`Basic ${Buffer.from('ann:proxy-password').toString('base64')}`))
      expect(plain.requests[0]?.headers['proxy-authorization']).toBeUndefined()
    } finally {
      await plain.close()
      proxy.closeAllConnections()
      proxy.close()
    }
  })
})

describe('answers', () => {
  test('are bounded in size, time and hops; failures show address and status, no body and no query', async () => {
    const server = await FaultyServer.start(({ path }) => {
      if (path.startsWith('/loop')) return { status: 302, headers: { location: '/loop' } }
      if (path.startsWith('/big')) return { status: 200, body: 'x'.repeat(2000) }
      if (path.startsWith('/file')) return { status: 302, headers: { location: 'file:///etc/passwd' } }
      return { status: 500, body: 'a secret in a stack trace' }
    })
    try {
      const at = (path: string) => new URL(path, server.url)
      await expect(get(at('/big'))).rejects.toThrow('the answer has more than 1000 bytes')
      await expect(get(at('/loop'))).rejects.toThrow('too many redirects')
      await expect(get(at('/file'))).rejects.toThrow('it redirects to file:')
      await expect(get(at('/x?token=secret-token'))).rejects.toMatchObject({
        message: `${server.url}/x: status 500`,
        status: 500,
      })
      const silent = createHttpServer(() => undefined)
      await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
      const url = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/`)
      await expect(get(url, {}, { signal: AbortSignal.timeout(300) })).rejects.toThrow(
        'no whole answer within the timeout',
      )
      silent.closeAllConnections()
      silent.close()
    } finally {
      await server.close()
    }
  })

  test.each([
    ['7', 7000],
    ['0', 0],
    [new Date(Date.now() + 60_000).toUTCString(), 60_000],
    [String(10 * 365 * 86_400), 3_600_000],
    ['-5', undefined],
    ['soon', undefined],
  ])('Retry-After: %s', async (text, expected) => {
    const server = await FaultyServer.start(() => ({ status: 429, headers: { 'retry-after': text } }))
    try {
      const error = await get(new URL(server.url)).catch(failure => failure as { retryMs?: number })
      const { retryMs } = error as { retryMs?: number }
      if (expected === undefined) expect(retryMs ?? 0).toBeLessThanOrEqual(0)
      else expect(Math.abs((retryMs ?? -1) - expected)).toBeLessThanOrEqual(2000)
    } finally {
      await server.close()
    }
  })
})
