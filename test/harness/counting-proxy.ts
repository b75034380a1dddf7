import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'

/** One write that went through. */
export interface ProxiedWrite {
  readonly method: string
  readonly path: string
  readonly body: string
}

/** Stands between one client and an API server and writes down every write that reaches it. */
export interface CountingProxy {
  readonly url: string
  readonly writes: ProxiedWrite[]
  close(): Promise<void>
}

export async function startCountingProxy(target: {
  readonly url: string
  readonly caPem: string
}): Promise<CountingProxy> {
  const writes: ProxiedWrite[] = []
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const chunks: Buffer[] = []
    const onward = request(new URL(path, target.url), { method, headers, ca: target.caPem }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      if (method !== 'GET') writes.push({ method, path, body: Buffer.concat(chunks).toString() })
    })
    incoming.pipe(onward)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
