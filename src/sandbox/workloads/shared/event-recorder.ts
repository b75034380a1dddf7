import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { KubeClient } from '../../../kube/client/types.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { apiTime } from './times.ts'

/** An event as `kubectl describe` shows it. */
export interface EventFacts {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** The part of the system that speaks: `kubelet`, `default-scheduler`, `deployment-controller`. */
  readonly component: string
}

/**
 * Records events, beside the work: nobody waits for them, and one that cannot be written is dropped. An event that
 * says the same about the same object again raises its count instead (as client-go's event correlator does).
 */
export class EventRecorder {
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #pending = new Set<Promise<void>>()
  readonly #known = new Map<string, { name: string; count: number }>()

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
  }

  record(object: KubeObject, facts: EventFacts): void {
    const work = this.#write(object, facts)
      .catch((error: unknown) => this.#logger.debug('an event was dropped', { error: String(error) }))
      .finally(() => this.#pending.delete(work))
    this.#pending.add(work)
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  async #write(object: KubeObject, { type, reason, message, component }: EventFacts): Promise<void> {
    const { name = '', namespace = 'default', uid, resourceVersion } = object.metadata
    const now = this.#clock.now()
    const key = JSON.stringify([uid, type, reason, message])
    const known = this.#known.get(key)
    const ref = { group: '', version: 'v1', kind: 'Event', namespace }
    if (known) {
      known.count++
      const patch = { count: known.count, lastTimestamp: apiTime(now) }
      await this.#client.patch({ ...ref, name: known.name }, 'merge', patch, { fieldManager: component })
      return
    }
    const made = {
      name: `${name}.${(BigInt(now.getTime()) * 1_000_000n + BigInt(this.#known.size % 1000)).toString(16)}`,
      count: 1,
    }
    if (this.#known.size >= 10_000) this.#known.clear()
    this.#known.set(key, made)
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: made.name, namespace },
      involvedObject: { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid, resourceVersion },
      type,
      reason,
      message: message.slice(0, 1024),
      source: { component },
      reportingComponent: component,
      reportingInstance: '',
      firstTimestamp: apiTime(now),
      lastTimestamp: apiTime(now),
      count: 1,
    }
    await this.#client.create(event, { fieldManager: component })
  }
}
