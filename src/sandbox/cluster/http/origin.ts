import type { IncomingMessage } from 'node:http'
import { StatusError } from './status.ts'

const hosts = new Set(['127.0.0.1', 'localhost', '[::1]', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'])

/**
 * Refuses browsers and rebound names: no web page may talk to the cluster, and a request must name the server as one of
 * its own addresses. Kubernetes clients send neither Origin nor a foreign Host.
 */
export function checkOrigin(http: IncomingMessage): void {
  const { origin, host } = http.headers
  if (origin !== undefined || http.headers['sec-fetch-site'] !== undefined) {
    throw new StatusError(403, 'Forbidden', 'requests from browsers are refused')
  }
  if (host === undefined || hosts.has(host.replace(/:\d+$/, '').toLowerCase())) return
  throw new StatusError(403, 'Forbidden', 'the Host header does not name this server')
}
