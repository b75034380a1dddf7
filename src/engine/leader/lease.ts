import type { Clock } from '../../base/clock.ts'
import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import { isAlreadyExists, isConflict } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'

export interface LeaseOptions {
  /** Namespace of the Lease; it must exist. */
  readonly namespace: string
  readonly name: string
  /** Who we are; unique per engine. */
  readonly identity: string
  /** How long others wait for a sign of life before they take over; 15 000 ms as in client-go. */
  readonly durationMs: number
  /** How often the lease is renewed, or asked for; 2000 ms as in client-go. */
  readonly retryMs: number
  /** What the Lease tells other engines of its holder. */
  readonly annotations?: Readonly<Record<string, string>>
}

interface LeaseSpec {
  holderIdentity?: string | null
  leaseDurationSeconds?: number
  acquireTime?: string
  renewTime?: string
  leaseTransitions?: number
}

/**
 * Leader election over a `coordination.k8s.io/v1` Lease, by client-go's rules: a lease is taken when nobody holds it or
 * when its record has not changed for its whole duration, measured on our own clock, so that clocks need not agree.
 * A leader that cannot renew gives up well before others may take over.
 */
export class Lease {
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #options: LeaseOptions
  /** The record last seen, and when it was first seen so. */
  #seen: { record: string; at: number } | undefined
  #heldUntil = 0
  #held: KubeObject | undefined
  /** Whether a write of ours was cut off, so that the server may have our name in a Lease that we do not know to hold. */
  #unsure = false

  constructor(client: KubeClient, clock: Clock, logger: Logger, options: LeaseOptions) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
    this.#options = options
  }

  /** Whether we lead now, for sure: also false after a pause of the process that was longer than the lease. */
  get held(): boolean {
    return this.#clock.monotonic() < this.#heldUntil
  }

  /** Throws E_ENGINE_NOT_LEADER unless we lead. */
  check(): void {
    if (!this.held) throw new SluiceError('E_ENGINE_NOT_LEADER', { object: this.#object })
  }

  /** Waits until we lead. Rejects when the signal is aborted; trouble with the server is logged and tried again. */
  async acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      try {
        if (await this.#take(signal)) return
      } catch (error) {
        signal.throwIfAborted()
        this.#logger.warn('lease not acquired', { lease: this.#object, error: asSluiceError(error).message })
      }
      await this.#clock.sleep(this.#options.retryMs * (0.8 + 0.4 * Math.random()), signal)
    }
  }

  /** Keeps the lease until it is lost (resolves) or the signal is aborted (resolves too). */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.held) {
      try {
        await this.#clock.sleep(this.#options.retryMs, signal)
      } catch {
        return
      }
      try {
        if (!(await this.#take(signal))) {
          this.#heldUntil = 0
          return
        }
      } catch (error) {
        if (signal.aborted) return
        this.#logger.warn('lease not renewed', { lease: this.#object, error: asSluiceError(error).message })
      }
    }
  }

  /** Gives the lease back at once, so that another engine need not wait. */
  async release(): Promise<void> {
    // Not by the object that was read last: a renewal that was cut off has let go of it, and the Lease is ours all the same.
    if (!this.#unsure && !this.held) return
    this.#held = undefined
    this.#unsure = false
    try {
      // The last renewal may have been cut off after the server took it: a conflict is looked at again.
      for (let attempt = 1; attempt <= 3; attempt++) if (await this.#giveBack()) return
    } catch (error) {
      this.#logger.debug('lease not released', { lease: this.#object, error: asSluiceError(error).message })
    } finally {
      this.#heldUntil = 0
    }
  }

  async #giveBack(): Promise<boolean> {
    const { namespace, name, identity } = this.#options
    const ref = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace, name }
    const found = await this.#client.find(ref, { timeoutMs: 3000 })
    const spec = (found?.['spec'] ?? {}) as LeaseSpec
    if (found === undefined || spec.holderIdentity !== identity) return true
    const free: LeaseSpec = { ...spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: this.#time() }
    try {
      await this.#client.replace({ ...found, spec: free }, { timeoutMs: 3000 })
      return true
    } catch (error) {
      if (isConflict(error)) return false
      throw error
    }
  }

  /** Where the Lease stands. */
  get object(): { readonly namespace: string; readonly name: string } {
    return { namespace: this.#options.namespace, name: this.#options.name }
  }

  get #object(): string {
    return `Lease/${this.#options.namespace}/${this.#options.name}`
  }

  /** Leaves a third of the lease's time as a margin for writes that are on their way. */
  get #validMs(): number {
    return (this.#options.durationMs * 2) / 3
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const started = this.#clock.monotonic()
    const { namespace, name, identity, durationMs, annotations = {} } = this.#options
    const ref = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace, name }
    const call = { signal, timeoutMs: Math.max(1000, this.#validMs / 2) }
    const found = this.#held ?? (await this.#client.find(ref, call))
    const time = this.#time()
    const mine: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.round(durationMs / 1000)),
      renewTime: time,
    }
    try {
      if (found === undefined) {
        this.#unsure = true
        const object = {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { namespace, name, annotations },
        }
        this.#held = await this.#client.create(
          { ...object, spec: { ...mine, acquireTime: time, leaseTransitions: 0 } },
          call,
        )
      } else {
        const spec = (found['spec'] ?? {}) as LeaseSpec
        const ours = spec.holderIdentity === identity
        if (!ours && !this.#expired(spec)) return false
        const taken = ours
          ? { ...spec, ...mine }
          : { ...spec, ...mine, acquireTime: time, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 }
        this.#unsure = true
        const metadata = { ...found.metadata, annotations: { ...found.metadata.annotations, ...annotations } }
        this.#held = await this.#client.replace({ ...found, metadata, spec: taken }, call)
      }
    } catch (error) {
      // Somebody wrote in between: look again next time, with fresh eyes.
      this.#held = undefined
      if (isConflict(error) || isAlreadyExists(error)) {
        this.#unsure = false
        return this.held
      }
      throw error
    }
    this.#unsure = false
    this.#heldUntil = started + this.#validMs
    return true
  }

  #expired(spec: LeaseSpec): boolean {
    if (!spec.holderIdentity) return true
    const record = JSON.stringify(spec)
    const now = this.#clock.monotonic()
    if (this.#seen?.record !== record) {
      this.#seen = { record, at: now }
      return false
    }
    return now - this.#seen.at > (spec.leaseDurationSeconds ?? this.#options.durationMs / 1000) * 1000
  }

  /** metav1.MicroTime. */
  #time(): string {
    return this.#clock.now().toISOString().replace('Z', '000Z')
  }
}
