import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { parseApiVersion } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { EngineEvent } from '../events.ts'
import { clip } from '../status/conditions.ts'
import { controllerOf } from './controllers.ts'

/** Events of one object at once, and one more after each such time: client-go's own spam filter. */
const burst = 25
const refillMs = 300_000
/** Events that wait to be written at most; beyond it the oldest go. */
const mostWaiting = 5000
/** Between two events while there is work to do, or health is waited for: people wait for that, nobody for events. */
const gapsMs = { working: 100, waiting: 40, idle: 0 } as const

/** What the engine does: its own work, or waiting for the cluster's. */
export type Busyness = keyof typeof gapsMs
/** A message longer than this is refused by the API server. */
const longestMessage = 1024

/** What an event tells beside its message, below the API group of its object. */
function annotationsOf(event: EngineEvent, group: string): { annotations?: Record<string, string> } {
  const facts = { ...(event.revision === undefined ? {} : { revision: event.revision }), ...event.metadata }
  const annotations = Object.fromEntries(Object.entries(facts).map(([key, value]) => [`${group}/${key}`, value]))
  return Object.keys(annotations).length === 0 ? {} : { annotations }
}

interface Bucket {
  tokens: number
  at: number
}

/**
 * Writes engine events to the cluster as Kubernetes Events, beside the work and never in its way: one at a time, slowly
 * while there is other work, bounded; an event that repeats counts up instead of being written anew.
 */
export class KubeEvents {
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #busyness: () => Busyness
  readonly #closing = new AbortController()
  readonly #waiting: { event: EngineEvent; about: KubeObject }[] = []
  readonly #buckets = new Map<string, Bucket>()
  readonly #seen = new Map<string, { name: string; count: number; first: string }>()
  #writing: Promise<void> | undefined
  #closed = false
  #serial = 0

  constructor(client: KubeClient, clock: Clock, logger: Logger, busyness: () => Busyness = () => 'idle') {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
    this.#busyness = busyness
  }

  /** Queues an event about an object. */
  record(event: EngineEvent, about: KubeObject): void {
    if (this.#closed || !this.#allowed(`${event.about.kind}/${event.about.namespace}/${event.about.name}`)) return
    if (this.#waiting.length >= mostWaiting) this.#waiting.shift()
    this.#waiting.push({ event, about })
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  /** Stops taking events and resolves when the ones that wait are written, or cannot be. */
  async close(): Promise<void> {
    this.#closed = true
    this.#closing.abort()
    await this.#writing
  }

  #allowed(key: string): boolean {
    if (this.#buckets.size > 10_000) this.#buckets.clear()
    const now = this.#clock.monotonic()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now }
    this.#buckets.set(key, bucket)
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  async #write(): Promise<void> {
    for (;;) {
      const gap = gapsMs[this.#busyness()]
      if (gap > 0) await this.#clock.sleep(gap, this.#closing.signal).catch(() => undefined)
      const next = this.#waiting.shift()
      if (next === undefined) return
      try {
        await this.#writeOne(next.event, next.about)
      } catch (error) {
        this.#logger.debug('event not written', { reason: next.event.reason, error: String(error) })
      }
    }
  }

  async #writeOne(event: EngineEvent, about: KubeObject): Promise<void> {
    const { kind, namespace, name } = event.about
    const { apiVersion } = about
    const { uid } = about.metadata
    const message = clip(event.message, longestMessage)
    const time = `${event.time.toISOString().slice(0, 19)}Z`
    const key = JSON.stringify([kind, namespace, name, event.reason, message])
    const before = this.#seen.get(key)
    if (before !== undefined) {
      before.count++
      const repeated = { count: before.count, lastTimestamp: time }
      const ref = { group: '', version: 'v1', kind: 'Event', namespace, name: before.name }
      await this.#client.patch(ref, 'merge', repeated, { timeoutMs: 5000 }).catch(() => this.#seen.delete(key))
      return
    }
    const unique = `${name.slice(0, 200)}.${(event.time.getTime() * 1000 + (this.#serial++ % 1000)).toString(16)}`
    const component = controllerOf(apiVersion)
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: unique,
        namespace,
        ...annotationsOf(event, parseApiVersion(apiVersion).group),
      },
      involvedObject: {
        apiVersion,
        kind,
        namespace,
        name,
        ...(uid === undefined ? {} : { uid }),
      },
      reason: event.reason,
      message,
      type: event.severity === 'error' ? 'Warning' : 'Normal',
      source: { component },
      reportingComponent: component,
      reportingInstance: '',
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    }
    if (this.#seen.size > 2000) this.#seen.clear()
    this.#seen.set(key, { name: unique, count: 1, first: time })
    await this.#client.create(object, { timeoutMs: 5000 })
  }
}
