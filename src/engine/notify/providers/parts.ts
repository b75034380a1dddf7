import { Secret } from '../../../secrets/secret.ts'
import type { FluxEvent } from '../event.ts'
import { DeliveryFailure, type ProviderConfig } from './types.ts'

/** `kustomization/podinfo.apps`: how most systems are told of an object. */
export function objectTitle({ involvedObject: { kind, name, namespace } }: FluxEvent): string {
  return `${kind.toLowerCase()}/${name}.${namespace}`
}

/** Metadata by key, in the order of the keys, so that equal events look equal. */
export function metadataOf(event: FluxEvent): [key: string, value: string][] {
  return Object.entries(event.metadata ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The address, which must be a URL of HTTP. */
export function addressOf(provider: ProviderConfig, what: string): Secret {
  if (provider.address === undefined) throw new DeliveryFailure('provider has no address')
  urlOf(provider.address, what)
  return provider.address
}

/** A secret address as a URL. Its text never gets into a message. */
export function urlOf(address: Secret, what: string): URL {
  let url: URL
  try {
    url = new URL(address.reveal())
  } catch {
    throw new DeliveryFailure(`invalid ${what} URL: it does not parse`)
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  throw new DeliveryFailure(`invalid ${what} URL: expected http or https, seen ${url.protocol.slice(0, 20)}`)
}

/** A secret made of a secret. */
export function derived(secret: Secret, make: (text: string) => string): Secret {
  return Secret.of(make(secret.reveal()))
}

/** `Authorization` with a bearer token; nothing without a token. */
export function bearer(token: Secret | undefined): Record<string, Secret> {
  return token === undefined || token.isEmpty ? {} : { authorization: derived(token, text => `Bearer ${text}`) }
}

/** `Authorization` with a name and a password; nothing when one of them is missing. */
export function basic(username: string, password: Secret | undefined): Record<string, Secret> {
  if (username === '' || password === undefined || password.isEmpty) return {}
  const value = (text: string) => `Basic ${Buffer.from(`${username}:${text}`).toString('base64')}`
  return { authorization: derived(password, value) }
}

/** The token, which must be there. */
export function tokenOf(provider: ProviderConfig, what: string): Secret {
  if (provider.token === undefined || provider.token.isEmpty) throw new DeliveryFailure(`${what} cannot be empty`)
  return provider.token
}

/** The event as Markdown, for systems that render it. */
export function markdownOf(event: FluxEvent): string {
  const { kind, namespace, name } = event.involvedObject
  const mark = event.severity === 'error' ? '⚠️' : 'ℹ️'
  const lines = metadataOf(event)
    .filter(([key]) => key !== 'change_request')
    .map(([key, value]) => `* \`${key}\`: ${value}\n`)
  return `## Flux Status\n\n${mark} ${kind}/${namespace}/${name}\n\n${event.message}\n\nMetadata:\n${lines.join('')}`
}
