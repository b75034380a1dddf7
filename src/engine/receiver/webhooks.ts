import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { conditionOf } from '../../kube/condition.ts'
import { refKey, refOf } from '../../kube/identity.ts'
import { messageOf } from '../failure.ts'
import { readBody, reply } from '../http/listen.ts'
import type { EngineMetrics } from '../metrics.ts'
import type { AddressPolicy } from '../notify/address-guard.ts'
import type { OpenWebhook, ReceiverController } from './controller.ts'
import { Inbox } from './inbox.ts'
import { type Claims, OidcVerifier } from './oidc.ts'
import { RefusalLog } from './refusal-log.ts'
import { annotate, findTargets, isWanted } from './targets.ts'
import { payloadOf, tokenTypes, verifyCall } from './verify.ts'

export interface WebhookDeps {
  readonly client: KubeClient
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: EngineMetrics
  readonly receivers: ReceiverController
  /** Whether Receivers may name objects of other namespaces. */
  readonly crossNamespaceRefs: boolean
  /** Which addresses issuers of tokens may have. */
  readonly policy: AddressPolicy
}

/** What a call asks for, once it is proven. */
interface Proven {
  readonly webhook: OpenWebhook
  /** The payload, for filters; undefined when there are none. */
  readonly req: unknown
  readonly claims: Claims
}

/** Of one webhook: calls that wait, their bytes, and the time between two passes. */
const limits = { items: 200, bytes: 16 * 1024 * 1024, everyMs: 1000 }
/** Bodies that are read and checked at the same time. */
const mostAtOnce = 64

/** Answers calls of webhooks: prove the caller, then ask for the reconciles. */
export class Webhooks {
  readonly #deps: WebhookDeps
  readonly #inboxes = new Map<string, Inbox<Proven>>()
  readonly #stop = new AbortController()
  readonly #tokens: OidcVerifier
  readonly #refusals: RefusalLog
  #busy = 0

  constructor(deps: WebhookDeps) {
    this.#deps = deps
    this.#refusals = new RefusalLog(deps.clock, deps.logger)
    this.#tokens = new OidcVerifier(deps.clock, deps.policy, this.#stop.signal)
  }

  /** Answers 200 when done, 400 to a caller that proves nothing, 404 where nothing is, 503 while a Receiver is not ready. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { receivers, logger } = this.#deps
    // The path is a secret: unknown ones are not logged.
    const webhook = receivers.find(request.url ?? '')
    if (webhook === undefined) return reply(response, 404)
    const { receiver, key } = webhook
    if (receiver.spec.suspend || conditionOf(receiver, 'Ready')?.status !== 'True') {
      return reply(response, 503, '', { 'retry-after': '30' })
    }
    if (this.#busy >= mostAtOnce) return reply(response, 429, '', { 'retry-after': '1' })
    let proven: Proven | string
    this.#busy++
    try {
      const claims = await this.#claims(webhook, request)
      if (typeof claims === 'string') {
        this.#refusals.add(key, claims)
        return reply(response, 400, '', { connection: 'close' })
      }
      const body = await readBody(request)
      // The rest of a body that is too long is not read: the connection ends.
      if (body === undefined) return reply(response, 413, '', { connection: 'close' })
      proven = this.#prove(webhook, request, body, claims)
      if (typeof proven === 'string') {
        this.#refusals.add(key, proven)
        return reply(response, 400)
      }
      const done = this.#inbox(key).add(proven, proven.req === undefined ? 0 : body.length)
      if (done === undefined) return reply(response, 429, '', { 'retry-after': '1' })
      this.#busy--
      try {
        await done
        reply(response, 200)
      } catch (error) {
        logger.error('unable to request reconciliation', { receiver: key, error: messageOf(error) })
        reply(response, 500)
      } finally {
        this.#busy++
      }
    } finally {
      this.#busy--
    }
  }

  close(): void {
    this.#stop.abort(new DOMException('the engine is closing', 'AbortError'))
  }

  /** What the token of the caller says, for types that need one; a text says why it is refused. */
  async #claims({ receiver, callers }: OpenWebhook, request: IncomingMessage): Promise<Claims | string> {
    if (!tokenTypes.has(receiver.spec.type)) return {}
    try {
      const claims = await this.#tokens.claims(request.headers.authorization, callers.issuers)
      callers.check(claims)
      return claims
    } catch (error) {
      return messageOf(error)
    }
  }

  #prove(webhook: OpenWebhook, request: IncomingMessage, body: Buffer, claims: Claims): Proven | string {
    const { receiver, token, filters } = webhook
    const refusal = verifyCall(receiver.spec, { headers: request.headers, body }, token)
    if (refusal !== undefined) return refusal
    if (filters.common === undefined && filters.own.size === 0) return { webhook, req: undefined, claims }
    if (!/(?:^|,)\s*application\/json\s*(?:[;,]|$)/i.test(request.headers['content-type'] ?? ''))
      return { webhook, req: {}, claims }
    const parsed = payloadOf(receiver.spec.type, body)
    return parsed === undefined ? 'failed to parse request body as JSON' : { webhook, req: parsed.value, claims }
  }

  #inbox(key: string): Inbox<Proven> {
    let inbox = this.#inboxes.get(key)
    if (inbox === undefined) {
      if (this.#inboxes.size > 10_000) this.#inboxes.clear()
      inbox = new Inbox(this.#deps.clock, limits, batch => this.#work(batch))
      this.#inboxes.set(key, inbox)
    }
    return inbox
  }

  /** One pass for all calls of a batch: each object is asked for once. A resource that fails stops none of the others. */
  async #work(batch: readonly Proven[]): Promise<void> {
    const webhook = batch.at(-1)?.webhook
    if (webhook === undefined) return
    const { client, clock, crossNamespaceRefs, logger } = this.#deps
    const calls = batch.map(({ req, claims }) => ({ req, claims }))
    const failures: string[] = []
    const done = new Set<string>()
    for (const resource of webhook.receiver.spec.resources) {
      try {
        const objects = await findTargets(client, webhook.receiver, resource, crossNamespaceRefs, this.#stop.signal)
        for (const object of objects) {
          const id = refKey(refOf(object))
          if (done.has(id) || !isWanted(webhook.filters, resource, object, calls)) continue
          done.add(id)
          await annotate(client, object, clock.now(), this.#stop.signal)
          this.#deps.metrics.increment('sluice_webhook_requests_total', { kind: object.kind })
          logger.info('reconciliation requested', { receiver: webhook.key, object: id })
        }
      } catch (error) {
        failures.push(messageOf(error))
      }
    }
    if (failures.length > 0) throw new Error(failures.join('; '))
  }
}
