import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { StatusError } from './status.ts'

const hosts = new Set(['127.0.0.1', 'localhost', '[::1]', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'])

/**
 * Refuses browsers and rebound names: no web page may talk to the cluster, and a request must name the server as one of
 * its own addresses. Kubernetes clients send neither Origin nor a foreign Host.
 * @param listening The address that the server listens on; on all addresses, every address is its own.
 */
export function checkOrigin(http: IncomingMessage, listening: string): void {
  const { origin, host } = http.headers
  if (origin !== undefined || http.headers['sec-fetch-site'] !== undefined) {
    throw new StatusError(403, 'Forbidden', 'requests from browsers are refused')
  }
  const name = host?.replace(/:\d+$/, '').toLowerCase()
  if (name === undefined || hosts.has(name) || name === listening) return
  if ((listening === '0.0.0.0' || listening === '::') && isIP(name.replace(/^\[|\]$/g, '')) > 0) return
  throw new StatusError(403, 'Forbidden', 'the Host header does not name this server')
}
