import type { IncomingHttpHeaders } from 'node:http'
import { isObject, valueAt } from '../../base/json.ts'
import type { Secret } from '../../secrets/secret.ts'
import type { Receiver } from '../../specs/flux/receiver.ts'
import { sameSecret, signed, signedSha1 } from './signature.ts'

type ReceiverType = Receiver['spec']['type']

/** One call of a webhook. */
export interface WebhookCall {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Types whose callers prove themselves with a token of an OIDC issuer, before all else. */
export const tokenTypes: ReadonlySet<string> = new Set<ReceiverType>(['gcr', 'generic-oidc'])

/** Why a call is refused, for the log; the caller is told nothing but a 400. */
type Refusal = string | undefined

type Check = (call: WebhookCall, token: Secret) => Refusal

const header = (call: WebhookCall, name: string): string | undefined => {
  const value = call.headers[name]
  return Array.isArray(value) ? value[0] : value
}

const hubSignature =
  (what: string): Check =>
  (call, token) => {
    const given = header(call, 'x-hub-signature-256') ?? header(call, 'x-hub-signature')
    if (given === undefined) return `the ${what} signature header is missing`
    return signed(given, call.body, token) ? undefined : `the ${what} signature header is invalid`
  }

/** Who may call: decided before anything of the body is read as more than bytes. */
const signatures: Readonly<Partial<Record<ReceiverType, Check>>> = {
  'generic-hmac': (call, token) =>
    signed(header(call, 'x-signature'), call.body, token) ? undefined : 'unable to validate HMAC signature',
  github: hubSignature('GitHub'),
  bitbucket: hubSignature('Bitbucket server'),
  gitlab: (call, token) =>
    sameSecret(header(call, 'x-gitlab-token'), token)
      ? undefined
      : 'the X-Gitlab-Token header value does not match the receiver token',
  harbor: (call, token) =>
    sameSecret(header(call, 'authorization'), token)
      ? undefined
      : 'the Harbor Authorization header value does not match the receiver token',
  nexus: (call, token) =>
    signedSha1(header(call, 'x-nexus-webhook-signature'), call.body, token) ? undefined : 'invalid Nexus signature',
}

/** The header that names the event, by type. */
const eventHeaders: Readonly<Partial<Record<ReceiverType, string>>> = {
  github: 'x-github-event',
  gitlab: 'x-gitlab-event',
  bitbucket: 'x-event-key',
  cdevents: 'ce-type',
}

/** What the body of a type must be; registries have no signatures, so this is only a check for the right sender. */
const payloads: Readonly<Partial<Record<ReceiverType, (payload: unknown) => Refusal>>> = {
  quay: payload => fieldsOf('Quay', payload, [['docker_url']]),
  dockerhub: payload =>
    fieldsOf('DockerHub', payload, [
      ['push_data', 'tag'],
      ['repository', 'repo_url'],
    ]),
  acr: payload => fieldsOf('ACR', payload, [['action'], ['target', 'repository'], ['target', 'tag']]),
  gcr: payload => {
    const data = valueAt(payload, ['message', 'data'])
    const inner = typeof data === 'string' ? parseJson(Buffer.from(data, 'base64')) : undefined
    return inner === undefined ? 'cannot decode GCR webhook payload' : undefined
  },
  nexus: payload => fieldsOf('Nexus', payload, [['action'], ['repositoryName']]),
  cdevents: payload => {
    const type = valueAt(payload, ['context', 'type'])
    const good =
      ['version', 'id', 'source', 'timestamp'].every(key => typeof valueAt(payload, ['context', key]) === 'string') &&
      typeof type === 'string' &&
      /^dev\.cdevents(?:ext)?\.[a-z0-9.-]+$/i.test(type) &&
      typeof valueAt(payload, ['subject', 'id']) === 'string' &&
      isObject(valueAt(payload, ['subject', 'content']))
    return good ? undefined : 'unable to validate CDEvent event: it is not a CDEvent'
  },
}

/**
 * Whether a call is to be acted on; a text says why not. The signature is looked at first; tokens of OIDC issuers are
 * looked at before this is asked.
 */
export function verifyCall(spec: Receiver['spec'], call: WebhookCall, token: Secret): Refusal {
  const refusal = signatures[spec.type]?.(call, token)
  if (refusal !== undefined) return refusal
  const check = payloads[spec.type]
  if (check !== undefined) {
    const payload = parseJson(call.body)
    const wrong = payload === undefined ? `cannot decode ${spec.type} webhook payload` : check(payload.value)
    if (wrong !== undefined) return wrong
  }
  const name = eventHeaders[spec.type]
  if (name === undefined || (spec.events ?? []).length === 0) return undefined
  const event = header(call, name) ?? ''
  const allowed = spec.events?.some(one => one.toLowerCase() === event.toLowerCase())
  return allowed ? undefined : `the ${spec.type} event '${event.slice(0, 100)}' is not authorised`
}

/** What filters see of a body: of Google's, the event that is wrapped in it. */
export function payloadOf(type: ReceiverType, body: Buffer): { readonly value: unknown } | undefined {
  const parsed = parseJson(body)
  if (type !== 'gcr' || parsed === undefined) return parsed
  const data = valueAt(parsed.value, ['message', 'data'])
  return typeof data === 'string' ? parseJson(Buffer.from(data, 'base64')) : undefined
}

const deepest = 100

/** A body as JSON; undefined when it is none, or nested deeper than anything real. */
export function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isShallow(value, deepest) ? { value } : undefined
  } catch {
    return undefined
  }
}

function isShallow(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return left > 0 && Object.values(value).every(item => isShallow(item, left - 1))
}

/** Go's decoder takes an absent field for empty; a field of another type is an error. */
function fieldsOf(what: string, payload: unknown, paths: readonly (readonly string[])[]): Refusal {
  const wrong = () => `cannot decode ${what} webhook payload`
  if (!isObject(payload)) return wrong()
  for (const path of paths) {
    const value = valueAt(payload, path)
    if (value !== undefined && value !== null && typeof value !== 'string') return wrong()
    const parent = valueAt(payload, path.slice(0, -1))
    if (parent !== undefined && parent !== null && !isObject(parent)) return wrong()
  }
  return undefined
}
