import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Exchange } from './contract.ts'

/** A loopback proxy before a server: it passes everything on and remembers what passed on the API. */
export interface Recorder {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  readonly exchanges: readonly Exchange[]
  close(): Promise<void>
}

/** Starts a recorder before the server on a port; paths under `prefix` are remembered. */
export async function startRecorder(port: number, prefix: string): Promise<Recorder> {
  const exchanges: Exchange[] = []
  const server = createServer((incoming, outgoing) => {
    const sent: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => sent.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(sent)
      const { method = 'GET', url = '/', headers } = incoming
      const ahead = forward({ host: '127.0.0.1', port, method, path: url, headers }, answer => {
        const got: Buffer[] = []
        answer.on('data', (chunk: Buffer) => got.push(chunk))
        answer.on('end', () => {
          const bytes = Buffer.concat(got)
          const at = new URL(url, 'http://127.0.0.1')
          if (at.pathname.startsWith(prefix) && answer.statusCode !== 304) {
            exchanges.push({
              method,
              path: at.pathname.slice(prefix.length),
              query: at.searchParams,
              requestBody: parsed(body),
              status: answer.statusCode ?? 0,
              responseBody: parsed(bytes),
            })
          }
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(bytes)
        })
      })
      ahead.on('error', () => outgoing.destroy())
      ahead.end(body)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function parsed(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return bytes.toString('utf8')
  }
}
