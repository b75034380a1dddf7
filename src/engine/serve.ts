import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import { type Handle, type Listener, listen, readBody, reply } from './http/listen.ts'
import type { MetricsRegistry } from './metrics/registry.ts'
import type { FluxEvent } from './notify/event.ts'
import type { Handled } from './notify/notifier.ts'
import { readEvent } from './notify/read-event.ts'
import { parseJson } from './receiver/verify.ts'

/** Addresses such as `:8080` or `127.0.0.1:9292`; two may be the same. What is absent is not served. */
export interface ListenAddresses {
  /** `/metrics` (Flux: --metrics-addr, :8080). */
  readonly metrics?: string
  /** `/healthz` and `/readyz` (Flux: --health-addr, :9440). */
  readonly health?: string
  /** The webhooks of Receivers, `/hook/…` (Flux: --receiverAddr, :9292). */
  readonly webhooks?: string
  /** Events of Flux's controllers, `POST /` (Flux: --events-addr, :9090). It asks for no proof: keep it off public networks. */
  readonly events?: string
}

/** What is served. */
export interface Services {
  readonly clock: Clock
  readonly registry: MetricsRegistry
  /** Why the engine is not ready; undefined when it is. */
  readonly unready: () => string | undefined
  /** Answers a webhook; false when this engine does not act. */
  readonly webhook: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  /** Takes an event; undefined when this engine does not act. */
  readonly event: (event: FluxEvent) => Promise<Handled | undefined>
}

/** The engine's servers. */
export interface Servers {
  /** Where each service listens: `http://host:port`. */
  readonly urls: Readonly<Partial<Record<keyof ListenAddresses, string>>>
  close(): Promise<void>
}

/** Opens what has an address; all or nothing. Fails with E_ENGINE_ADDRESS. */
export async function serve(addresses: ListenAddresses, services: Services): Promise<Servers> {
  const handlers: Readonly<Record<keyof ListenAddresses, Handle>> = {
    metrics: (request, response) => serveMetrics(services, request, response),
    health: (request, response) => serveHealth(services, request, response),
    webhooks: measured('gotk_receiver', services, (request, response) => serveWebhook(services, request, response)),
    events: measured('gotk_event', services, (request, response) => serveEvent(services, request, response)),
  }
  const byAddress = new Map<string, { readonly address: string; readonly names: readonly (keyof ListenAddresses)[] }>()
  for (const name of ['metrics', 'health', 'webhooks', 'events'] as const) {
    const address = addresses[name]
    if (address === undefined) continue
    // A port of 0 is another one each time.
    const key = address.endsWith(':0') ? `${name} ${address}` : address
    const { names = [] } = byAddress.get(key) ?? {}
    byAddress.set(key, { address, names: [...names, name] })
  }
  const listeners: Listener[] = []
  const urls: Partial<Record<keyof ListenAddresses, string>> = {}
  try {
    for (const { address, names } of byAddress.values()) {
      const listener = await listen(address, (request, response) => {
        const name = names.find(one => isFor(one, request)) ?? names.at(-1)
        return name === undefined ? reply(response, 404) : handlers[name](request, response)
      })
      listeners.push(listener)
      for (const name of names) urls[name] = listener.url
    }
  } catch (error) {
    await Promise.all(listeners.map(listener => listener.close()))
    throw error
  }
  return { urls, close: async () => void (await Promise.all(listeners.map(listener => listener.close()))) }
}

function isFor(name: keyof ListenAddresses, request: IncomingMessage): boolean {
  const path = pathOf(request)
  if (name === 'metrics') return path === '/metrics'
  if (name === 'health') return path === '/healthz' || path === '/readyz'
  return name === 'webhooks' ? path.startsWith('/hook/') : path === '/'
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? ''
}

function serveMetrics({ registry }: Services, request: IncomingMessage, response: ServerResponse): void {
  if (pathOf(request) !== '/metrics') return reply(response, 404)
  if (request.method !== 'GET' && request.method !== 'HEAD') return reply(response, 405, '', { allow: 'GET' })
  reply(response, 200, registry.text(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
}

function serveHealth({ unready }: Services, request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request)
  if (path !== '/healthz' && path !== '/readyz') return reply(response, 404)
  const why = path === '/readyz' ? unready() : undefined
  if (why === undefined) reply(response, 200, 'ok')
  else reply(response, 503, why)
}

async function serveWebhook({ webhook }: Services, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(await webhook(request, response))) reply(response, 503, '', { 'retry-after': '5' })
}

async function serveEvent(
  { event: take }: Services,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') return reply(response, 405, '', { allow: 'POST' })
  const body = await readBody(request)
  if (body === undefined) return reply(response, 413, '', { connection: 'close' })
  const parsed = parseJson(body)
  const event = parsed === undefined ? 'expected JSON' : readEvent(parsed.value)
  if (typeof event === 'string') return reply(response, 400, event)
  const handled = await take(event)
  if (handled === undefined) return reply(response, 503, '', { 'retry-after': '5' })
  // The sender does not try again after a 429: the event was told of already.
  reply(response, handled === 'duplicate' ? 429 : 202)
}

/** Times a handler by the names of Flux's HTTP metrics. Paths are no labels: they are secrets, and without number. */
function measured(prefix: string, { clock, registry }: Services, handle: Handle): Handle {
  const place = { service: '', handler: prefix === 'gotk_receiver' ? '/hook/' : '/' }
  let inFlight = 0
  const count = (by: 1 | -1) => {
    inFlight += by
    registry.set(`${prefix}_http_requests_inflight`, place, inFlight)
  }
  return async (request, response) => {
    const started = clock.monotonic()
    count(1)
    try {
      await handle(request, response)
    } finally {
      count(-1)
      const method = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/.test(request.method ?? '') ? request.method : 'OTHER'
      const labels = { ...place, method: method ?? 'OTHER', code: String(response.statusCode) }
      registry.observe(`${prefix}_http_request_duration_seconds`, labels, (clock.monotonic() - started) / 1000)
    }
  }
}
