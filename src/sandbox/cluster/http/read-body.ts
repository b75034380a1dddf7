import type { IncomingMessage } from 'node:http'
import { entityTooLarge, StatusError } from './status.ts'

/** Largest body in bytes; the limit of Kubernetes' API server. */
export const maxBodyBytes = 3 * 1024 * 1024

/** The whole body as UTF-8 text. Refuses bodies over the limit. */
export async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString('utf8')
}

/** The whole body. Refuses bodies over the limit. */
export function readBytes(request: IncomingMessage, limit = maxBodyBytes): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const tooLarge = () => entityTooLarge(`Request entity too large: limit is ${limit}`)
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      reject(tooLarge())
      return
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else {
        request.removeAllListeners('data')
        request.resume()
        reject(tooLarge())
      }
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('aborted', () => reject(new StatusError(400, 'BadRequest', 'the request ended before its body did')))
  })
}
