import { constants } from 'node:fs'
import { lstat, open, readlink } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SluiceError } from '../../../base/errors/index.ts'
import type { ArtifactStorage } from './storage.ts'

/** The store over HTTP, read only: what Flux's own controllers in a cluster download artifacts from. */
export interface StorageServer {
  /** `host:port` that it listens on. */
  readonly address: string
  close(): Promise<void>
}

/** Serves a store at an address such as `:9090` or `127.0.0.1:0`. Fails with E_ENGINE_STORAGE_ADDRESS. */
export async function serveStorage(storage: ArtifactStorage, address: string): Promise<StorageServer> {
  const { host, port } = parseAddress(address)
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 }, (request, response) => {
    answer(storage, request, response).catch(() => response.destroy())
  })
  server.maxConnections = 512
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new SluiceError('E_ENGINE_STORAGE_ADDRESS', {
          object: address,
          seen: error.code ?? error.message,
          cause: error,
        }),
      ),
    )
    server.listen(port, host === '' ? undefined : host, resolve)
  })
  const bound = server.address() as AddressInfo
  return {
    address: `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close: () => close(server),
  }
}

/** Fails with E_ENGINE_STORAGE_ADDRESS when nothing could listen at an address now. */
export async function checkAddress(address: string): Promise<void> {
  const { host, port } = parseAddress(address)
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new SluiceError('E_ENGINE_STORAGE_ADDRESS', {
          object: address,
          seen: error.code ?? error.message,
          cause: error,
        }),
      ),
    )
    probe.listen(port, host === '' ? undefined : host, () => probe.close(() => resolve()))
  })
}

function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const found = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]*):(\d{1,5})$/.exec(address)
  const port = Number(found?.[2])
  if (found === null || port > 65_535) {
    throw new SluiceError('E_ENGINE_STORAGE_ADDRESS', { object: address, expected: 'HOST:PORT or :PORT' })
  }
  return { host: found[1]!.replace(/^\[|\]$/g, ''), port }
}

async function answer(storage: ArtifactStorage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405)
  const file = await fileOf(storage, request.url ?? '')
  if (file === undefined) return end(response, 404)
  // No link is followed here: the one that names the newest artifact was read above.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined)
  if (handle === undefined) return end(response, 404)
  try {
    const { size, mtime } = await handle.stat()
    response.writeHead(200, {
      'content-type': file.endsWith('.yaml') ? 'text/plain; charset=utf-8' : 'application/gzip',
      'content-length': size,
      'last-modified': mtime.toUTCString(),
      'x-content-type-options': 'nosniff',
    })
    if (request.method === 'HEAD') response.end()
    else await pipeline(handle.createReadStream({ autoClose: false }), response)
  } finally {
    await handle.close()
  }
}

/** The file of a request path; undefined for all that is no artifact. */
async function fileOf(storage: ArtifactStorage, url: string): Promise<string | undefined> {
  let path: string
  try {
    path = decodeURIComponent(url.split('?')[0]!).slice(1)
  } catch {
    return undefined
  }
  const file = storage.localPath({ path })
  if (file === undefined) return undefined
  const found = await lstat(file).catch(() => undefined)
  if (!found?.isSymbolicLink()) return found?.isFile() ? file : undefined
  // `latest.tar.gz` and `index.yaml` name a file beside them.
  const target = await readlink(file)
  return storage.localPath({ path: `${path.slice(0, path.lastIndexOf('/'))}/${target}` }) === undefined
    ? undefined
    : join(dirname(file), target)
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' })
  response.end(`${status}\n`)
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
