import { setFlagsFromString } from 'node:v8'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { parseApiVersion } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Informer } from '../../kube/watch/index.ts'
import type { Alert } from '../../specs/flux/alert.ts'
import type { Provider } from '../../specs/flux/provider.ts'
import { messageOf } from '../failure.ts'
import type { EngineMetrics } from '../metrics.ts'
import { commitStatusFor } from './commit-status.ts'
import { Duplicates } from './duplicates.ts'
import { type FluxEvent, involvedText } from './event.ts'
import { HttpSender } from './http-sender.ts'
import { labelsMatch, messageMatches, sourcesFor } from './match.ts'
import {
  combineMetadata,
  hasChangeRequest,
  hasCommit,
  isCommitStatusUpdate,
  withoutForeignMetadata,
  withoutInternalMetadata,
} from './metadata.ts'
import { Outlet } from './outlet.ts'
import { type ReadSecret, resolveProvider } from './provider-config.ts'
import { changeRequestTypes, commitStatusTypes, deliveryFor } from './providers/index.ts'
import { DeliveryFailure } from './providers/types.ts'

/** How notifications are sent. */
export interface NotifyOptions {
  /** An event that repeats within this time is not sent again, in milliseconds; 300 000 when absent (--rate-limit-interval). */
  readonly rateLimitIntervalMs?: number
  /** Whether alerts may take events of other namespaces than their own; false when absent. */
  readonly crossNamespaceRefs?: boolean
  /** Whether loopback and private addresses are refused as targets; false when absent. Link-local ones always are. */
  readonly refusePrivateAddresses?: boolean
}

export interface NotifierDeps {
  readonly client: KubeClient
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: EngineMetrics
  readonly readSecret: ReadSecret
  /** Writes a warning about an Alert or Provider to the cluster. */
  readonly warn: (about: KubeObject, reason: string, message: string) => void
}

/** What became of an event. */
export type Handled = 'dispatched' | 'duplicate' | 'discarded'

const mostEarly = 500
/** Events that came before the alerts were known are worth sending for so long. */
const earlyMs = 60_000
const outletLimits = { mostWaiting: 500, tries: 5, longestWaitMs: 600_000 }

/**
 * Sends events to the Providers of the Alerts that want them, as notification-controller does: filter, metadata,
 * de-duplication, one queue per Provider. Nothing of it ever holds up a reconcile.
 */
export class Notifier {
  readonly #deps: NotifierDeps
  readonly #options: NotifyOptions
  readonly #duplicates: Duplicates
  readonly #outlets = new Map<string, Outlet>()
  readonly #early: { event: FluxEvent; about: KubeObject | undefined; at: number }[] = []
  #alerts: Informer | undefined
  #providers: Informer | undefined
  #closed = false

  constructor(deps: NotifierDeps, options: NotifyOptions = {}) {
    this.#deps = deps
    this.#options = options
    this.#duplicates = new Duplicates(deps.clock, options.rateLimitIntervalMs ?? 300_000)
    // Patterns of alerts are users': the ones that backtrack without end get an engine that cannot.
    setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  }

  /** Begins to send; what happened within the last minute goes first. */
  start(alerts: Informer, providers: Informer): void {
    this.#alerts = alerts
    this.#providers = providers
    const since = this.#deps.clock.monotonic() - earlyMs
    for (const { event, about, at } of this.#early.splice(0)) if (at >= since) void this.handle(event, about)
  }

  /** Takes an event; `about` is the involved object when it is at hand. Never rejects. */
  async handle(event: FluxEvent, about?: KubeObject): Promise<Handled> {
    if (this.#closed || event.severity === 'trace') return 'discarded'
    if (this.#alerts === undefined) {
      if (this.#early.length >= mostEarly) this.#early.shift()
      this.#early.push({ event, about, at: this.#deps.clock.monotonic() })
      return 'discarded'
    }
    if (this.#alerts.list().length === 0) return 'discarded'
    const useful = withoutForeignMetadata(event)
    if (this.#duplicates.seen(useful)) {
      this.#count('', 'duplicate')
      return 'duplicate'
    }
    const plain = withoutInternalMetadata(useful)
    let handled: Handled = 'discarded'
    for (const alert of this.#alerts.list() as readonly Alert[]) {
      try {
        if (alert.spec.suspend || !(await this.#wants(alert, plain, about))) continue
        handled = 'dispatched'
        this.#dispatch(alert, plain)
      } catch (error) {
        this.#fail(alert, plain, 'dispatch notification', error)
      }
    }
    return handled
  }

  /** Lets what waits go out for a moment, then ends. */
  async close(graceMs = 2000): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#outlets.values()].map(outlet => outlet.close(graceMs)))
  }

  async #wants(alert: Alert, event: FluxEvent, about: KubeObject | undefined): Promise<boolean> {
    const sources = sourcesFor(alert, event)
    if (sources.length === 0) return false
    const byLabels = sources.every(({ matchLabels }) => matchLabels !== undefined)
    if (byLabels) {
      const object = about ?? (await this.#involved(alert, event))
      if (!sources.some(({ matchLabels }) => labelsMatch(matchLabels, object?.metadata.labels))) return false
    }
    const { matches, problems } = messageMatches(alert, event.message)
    for (const { reason, message } of problems) this.#deps.warn(alert, reason, message)
    return matches
  }

  async #involved(alert: Alert, { involvedObject }: FluxEvent): Promise<KubeObject | undefined> {
    const { kind, namespace, name } = involvedObject
    const ref = { ...parseApiVersion(involvedObject.apiVersion), kind, namespace, name }
    try {
      return await this.#deps.client.get(ref, { timeoutMs: 5000 })
    } catch {
      this.#deps.warn(alert, 'SourceFetchFailed', `error getting source object ${involvedText(involvedObject)}`)
      return undefined
    }
  }

  #dispatch(alert: Alert, event: FluxEvent): void {
    const { namespace = '', name = '' } = alert.metadata
    if (!this.#options.crossNamespaceRefs && event.involvedObject.namespace !== namespace) {
      throw new DeliveryFailure(
        `discarding event, access denied to cross-namespace sources: alert '${namespace}/${name}' can't process event from '${involvedText(event.involvedObject)}', cross-namespace references have been blocked`,
      )
    }
    const find = () => this.#providers?.get(namespace, alert.spec.providerRef.name) as Provider | undefined
    const provider = find()
    if (provider === undefined) {
      throw new DeliveryFailure(
        `failed to read provider: Provider.notification.toolkit.fluxcd.io "${alert.spec.providerRef.name}" not found`,
      )
    }
    const { type, suspend } = provider.spec
    if (suspend) return
    const commits = commitStatusTypes.has(type)
    if (!commits && isCommitStatusUpdate(event)) return
    if (commits && !hasCommit(event) && !isCommitStatusUpdate(event) && event.severity !== 'error') return
    if (changeRequestTypes.has(type) && !hasChangeRequest(event)) return
    if (deliveryFor(type) === undefined) {
      const text = `provider type '${type}' is not supported by Sluice's engine; use another type, or let Flux's notification-controller send these events`
      this.#deps.warn(provider, 'UnsupportedProvider', text)
      throw new DeliveryFailure(text)
    }
    const { metadata, conflicts } = combineMetadata(event, alert)
    if (Object.keys(conflicts).length > 0) {
      const keys = Object.entries(conflicts).map(([key, places]) => `${key} (${places})`)
      this.#deps.warn(
        alert,
        'MetadataAppendFailed',
        `metadata key conflicts detected (please refer to the Alert API docs and Flux RFC 0008 for more information): ${keys.join('; ')}`,
      )
    }
    const { metadata: _before, ...rest } = event
    const notification: FluxEvent = Object.keys(metadata).length === 0 ? rest : { ...rest, metadata }
    const status = commits ? commitStatusFor(provider, alert, notification) : ''
    this.#enqueue(alert, notification, status, find)
  }

  #enqueue(alert: Alert, event: FluxEvent, commitStatus: string, find: () => Provider | undefined): void {
    const { clock } = this.#deps
    const key = `${alert.metadata.namespace}/${alert.spec.providerRef.name}`
    let outlet = this.#outlets.get(key)
    if (outlet === undefined) {
      this.#sweep()
      outlet = new Outlet({ clock, ...outletLimits })
      this.#outlets.set(key, outlet)
    }
    const taken = outlet.add({
      run: async signal => {
        const provider = find()
        if (provider === undefined || provider.spec.suspend) return
        await this.#send(provider, event, commitStatus, signal)
        this.#count(provider.spec.type, 'sent')
      },
      failed: error => {
        if (this.#closed) return
        this.#count(find()?.spec.type ?? '', 'failed')
        this.#fail(alert, event, 'send notification', error)
      },
    })
    if (taken) return
    this.#count(find()?.spec.type ?? '', 'dropped')
    throw new DeliveryFailure(
      `${outletLimits.mostWaiting} notifications wait for this provider already; this one is dropped`,
    )
  }

  async #send(provider: Provider, event: FluxEvent, commitStatus: string, signal: AbortSignal): Promise<void> {
    const { type } = provider.spec
    const deliver = deliveryFor(type)
    if (deliver === undefined) throw new DeliveryFailure(`provider type '${type}' is not supported by Sluice's engine`)
    const { config, http } = await resolveProvider(provider, commitStatus, this.#deps.readSecret)
    const policy = { refusePrivate: this.#options.refusePrivateAddresses ?? false }
    const sender = new HttpSender({ ...http, policy }, this.#deps.clock, signal)
    try {
      await deliver(event, config, sender.send)
    } finally {
      await sender.close().catch(() => undefined)
    }
  }

  #fail(alert: Alert, event: FluxEvent, what: string, error: unknown): void {
    const message = `failed to ${what} for ${involvedText(event.involvedObject)}: ${messageOf(error)}`
    this.#deps.logger.warn('notification failed', {
      alert: `${alert.metadata.namespace}/${alert.metadata.name}`,
      message,
    })
    this.#deps.warn(alert, 'NotificationDispatchFailed', message)
  }

  #count(type: string, result: 'sent' | 'failed' | 'dropped' | 'duplicate'): void {
    this.#deps.metrics.increment('sluice_notifications_total', { type, result })
  }

  /** Queues of Providers that are gone are let go of when there is nothing in them. */
  #sweep(): void {
    for (const [key, outlet] of this.#outlets) if (outlet.idle) this.#outlets.delete(key)
  }
}
