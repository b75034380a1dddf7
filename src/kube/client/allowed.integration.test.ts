import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKubeClient } from './index.ts'
import type { KubeClient } from './types.ts'

// A server that takes its time, and a client with one connection: what is sent second has to wait for it.
let server: Server
let client: KubeClient
const received: string[] = []
let answer: () => void = () => undefined

beforeAll(async () => {
  server = createServer((request, response) => {
    received.push(`${request.method} ${request.url}`)
    const done = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    if (request.url === '/slow') answer = done
    else done()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  client = createKubeClient(
    {
      server: `http://127.0.0.1:${port}`,
      tls: { insecure: false },
      credentials: { current: () => ({}), refresh: () => false },
    } as never,
    { userAgent: 'test', connections: 1 },
  )
})
afterAll(async () => {
  await client.close()
  server.close()
})

test('a write that is no longer allowed when its turn comes is never sent', async () => {
  let leads = true
  const allowed = () => {
    if (!leads) throw new Error('not the leader')
  }
  const slow = client.request({ method: 'POST', path: '/slow', allowed })
  while (received.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  const waiting = client.request({ method: 'POST', path: '/late', allowed })
  const refused = expect(waiting).rejects.toThrow()
  await new Promise(resolve => setTimeout(resolve, 20))
  leads = false
  answer()
  await slow
  await refused
  leads = true
  await client.request({ method: 'POST', path: '/again', allowed })
  expect(received).toEqual(['POST /slow', 'POST /again'])
})

test('nor is one that is passed on for another program', async () => {
  received.length = 0
  let leads = true
  const allowed = () => {
    if (!leads) throw new Error('not the leader')
  }
  const slow = client.request({ method: 'POST', path: '/slow', allowed })
  while (received.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  const { signal } = new AbortController()
  const late = client.forward!({ method: 'POST', target: '/late', headers: {}, signal, stream: false, allowed })
  const refused = expect(late).rejects.toThrow()
  await new Promise(resolve => setTimeout(resolve, 20))
  leads = false
  answer()
  await slow
  await refused
  expect(received).toEqual(['POST /slow'])
})

test('nor is one that is given up while it waits, and its caller hears of it at once', async () => {
  received.length = 0
  const slow = client.request({ method: 'POST', path: '/slow' })
  while (received.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  const stop = new AbortController()
  const waiting = client.request({ method: 'POST', path: '/late', signal: stop.signal })
  const refused = expect(waiting).rejects.toMatchObject({ code: 'E_ABORTED' })
  await new Promise(resolve => setTimeout(resolve, 20))
  stop.abort()
  // The slow one still has the connection.
  await refused
  answer()
  await slow
  await client.request({ method: 'POST', path: '/again' })
  expect(received).toEqual(['POST /slow', 'POST /again'])
})
