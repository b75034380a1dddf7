import { type ErrorCode, SluiceError } from '../../base/errors/index.ts'
import type { RequestFacts } from './status.ts'

/** OpenSSL's and Node's codes of a certificate that is not trusted, in words. */
const certificateFaults: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'a certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'a certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'a certificate of an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'a chain that ends in an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'a self-signed certificate',
  CERT_HAS_EXPIRED: 'a certificate that has expired',
  CERT_NOT_YET_VALID: 'a certificate that is not valid yet',
  CERT_REVOKED: 'a certificate that was revoked',
  CERT_SIGNATURE_FAILURE: 'a certificate with a wrong signature',
  CERT_UNTRUSTED: 'a certificate that is not trusted for servers',
  INVALID_PURPOSE: 'a certificate that is not meant for servers',
}

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
  UND_ERR_CLOSED: 'the client is closed',
  UND_ERR_DESTROYED: 'the client is closed',
}

/** Codes of failures before anything was sent: the server cannot have acted on the request. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** The code of a Node or undici error, looked for through its causes and, for happy eyeballs, its parts. */
export function networkCode(error: unknown): string | undefined {
  let here: unknown = error
  for (let i = 0; i < 5 && here instanceof Error; i++) {
    const { code } = here as { code?: unknown }
    if (typeof code === 'string') return code
    here = here instanceof AggregateError ? here.errors[0] : here.cause
  }
  return undefined
}

/** Whether the failure proves that the request did not reach the server. */
export function wasNeverSent(error: unknown): boolean {
  const code = networkCode(error)
  return code !== undefined && (neverSent.has(code) || isTlsCode(code))
}

function isTlsCode(code: string): boolean {
  return code in certificateFaults || code === 'ERR_TLS_CERT_ALTNAME_INVALID'
}

/** The error of a request that got no answer. */
export function networkError(request: RequestFacts, error: unknown): SluiceError {
  const code = networkCode(error) ?? ''
  const text = error instanceof Error ? error.message : String(error)
  const details = { server: request.server, method: request.method, path: request.path, networkCode: code }
  const make = (as: ErrorCode, seen: string, next?: string): SluiceError =>
    new SluiceError(as, {
      object: request.server,
      seen,
      details,
      cause: error,
      ...(next === undefined ? {} : { next }),
    })

  const fault = certificateFaults[code]
  if (fault) {
    const clock = code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'
    return make(
      'E_KUBE_TLS',
      fault,
      clock ? "Renew the certificate of the API server; check this machine's clock." : undefined,
    )
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { host } = new URL(request.server)
    return make(
      'E_KUBE_TLS',
      `a certificate for other names than ${host}`,
      'Set tls-server-name in the kubeconfig to a name of the certificate, or use that name as the server.',
    )
  }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    if (/wrong version number|packet length too long|http request/i.test(text)) {
      return make('E_KUBE_NOT_KUBERNETES', 'an answer without TLS', 'Check the port of the server in the kubeconfig.')
    }
    if (/alert (?:bad certificate|certificate (?:required|unknown|expired|revoked)|unknown ca)/i.test(text)) {
      return make('E_KUBE_UNAUTHORIZED', 'the server refused the client certificate')
    }
    return make('E_KUBE_TLS', `no TLS connection (${code})`)
  }
  if (code.startsWith('UND_ERR_HEADERS_TIMEOUT') || code.startsWith('UND_ERR_BODY_TIMEOUT')) {
    return make('E_KUBE_TIMEOUT', 'no answer')
  }
  if (code.startsWith('HPE_')) return make('E_KUBE_NOT_KUBERNETES', 'an answer that is not HTTP')
  return make(
    'E_KUBE_UNREACHABLE',
    unreachable[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`),
  )
}
