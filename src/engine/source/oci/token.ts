import { isObject } from '../../../base/json.ts'
import { isLoopback } from '../../../git/index.ts'
import { Secret } from '../../../secrets/secret.ts'
import { basicHeader, type HttpClient } from '../http/client.ts'
import { HttpFailure } from '../http/failure.ts'
import type { RegistryLogin } from './registry.ts'

/** What a registry wants instead of a 401. */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer'
  readonly parameters: Readonly<Record<string, string>>
}

/** Reads a WWW-Authenticate header. */
export function challengeOf(header: string | undefined): Challenge | undefined {
  const found = /(?:^|,\s*)(basic|bearer)(?:\s+|$)/i.exec(header ?? '')
  if (header === undefined || found === null) return undefined
  const parameters: Record<string, string> = {}
  for (const [, key, value] of header.slice(found.index).matchAll(/([a-z_]{1,30})="([^"]{0,2000})"/gi)) {
    parameters[key!.toLowerCase()] = value!
  }
  return { scheme: found[1]!.toLowerCase() as Challenge['scheme'], parameters }
}

/**
 * Gets a token from the service that a challenge names. The service must be on https (or on this machine) and either on the
 * registry's own host or a host of the same domain: a registry that was taken over must not collect credentials elsewhere.
 */
export async function fetchToken(
  http: HttpClient,
  registry: URL,
  challenge: Challenge,
  scope: string,
  login: RegistryLogin | undefined,
  signal: AbortSignal,
): Promise<Secret> {
  const realm = challenge.parameters['realm'] ?? ''
  if (!URL.canParse(realm)) throw new HttpFailure(registry, 'it wants a token of a service without an address')
  const url = new URL(realm)
  const plain = url.protocol === 'http:' && (isLoopback(url.hostname) || url.origin === registry.origin)
  if (url.protocol !== 'https:' && !plain) {
    throw new HttpFailure(registry, `it wants a token of ${url.origin}, which is not https`)
  }
  const trusted = belongsTo(url, registry)
  if (login !== undefined && !trusted) {
    throw new HttpFailure(registry, `it wants the login to be sent to ${url.origin}, which is another host; it was not`)
  }
  const service = challenge.parameters['service']
  if (login?.identityToken !== undefined) {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'sluice',
      scope,
      refresh_token: login.identityToken.reveal(),
    })
    if (service !== undefined) form.set('service', service)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await http.send(url, {
      method: 'POST',
      body: form.toString(),
      headers,
      maxBytes: 1024 * 1024,
      maxRedirects: 0,
      signal,
    })
    return tokenIn(answer.body, url)
  }
  if (service !== undefined) url.searchParams.set('service', service)
  url.searchParams.set('scope', scope)
  const credentials = login && { authorization: basicHeader(login.username, login.password.reveal()) }
  const answer = await http.send(url, { credentials, maxBytes: 1024 * 1024, maxRedirects: 0, signal })
  return tokenIn(answer.body, url)
}

function tokenIn(body: Buffer, url: URL): Secret {
  let content: unknown
  try {
    content = JSON.parse(body.toString('utf8'))
  } catch {
    content = undefined
  }
  const token = isObject(content) ? (content['token'] ?? content['access_token']) : undefined
  if (typeof token !== 'string' || token === '') throw new HttpFailure(url, 'the answer holds no token')
  return Secret.of(`Bearer ${Secret.of(token).reveal()}`)
}

/** The same host, or one of the same registrable domain: `auth.docker.io` for `registry-1.docker.io`. */
export function belongsTo(service: URL, registry: URL): boolean {
  if (service.hostname === registry.hostname) return true
  const tail = (host: string) => {
    if (/^[\d.]+$|^\[/.test(host)) return host
    const labels = host.split('.')
    // `co.uk` and its like are nobody's own.
    const shared = (labels.at(-1) ?? '').length === 2 && (labels.at(-2) ?? '').length <= 3
    return labels.slice(shared ? -3 : -2).join('.')
  }
  return tail(service.hostname) === tail(registry.hostname) && tail(registry.hostname).includes('.')
}
