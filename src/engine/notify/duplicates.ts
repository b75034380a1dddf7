import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { parseApiVersion } from '../../kube/identity.ts'
import type { FluxEvent } from './event.ts'

/** Events remembered at most; beyond it the oldest are forgotten, and may then be sent twice. */
const mostKnown = 20_000

/** Tells events that were seen within a window: by object, message, revision and token, as notification-controller does. */
export class Duplicates {
  readonly #clock: Clock
  readonly #windowMs: number
  /** Key → when its window ends; in the order of those ends. */
  readonly #known = new Map<string, number>()

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.#windowMs = windowMs
  }

  /** Whether an event like this was seen within the window; if not, it is from now on. */
  seen(event: FluxEvent): boolean {
    const now = this.#clock.monotonic()
    for (const [key, until] of this.#known) {
      if (until > now) break
      this.#known.delete(key)
    }
    const key = eventKey(event)
    if (this.#known.has(key)) return true
    if (this.#known.size >= mostKnown) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    this.#known.set(key, now + this.#windowMs)
    return false
  }

  get size(): number {
    return this.#known.size
  }
}

/** A digest that is equal for events which tell the same. */
export function eventKey(event: FluxEvent): string {
  const { name, namespace, kind, apiVersion } = event.involvedObject
  const { group } = parseApiVersion(apiVersion)
  const parts = ['event', `name=${name}`, `namespace=${namespace}`, `kind=${kind}`, `message=${event.message}`]
  for (const key of ['originRevision', 'revision', 'token']) {
    const value = event.metadata?.[`${group}/${key}`]
    if (value !== undefined) parts.push(`${key}=${value}`)
  }
  return createHash('sha256').update(parts.join('/')).digest('hex')
}
