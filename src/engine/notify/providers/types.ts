import type { Secret } from '../../../secrets/secret.ts'
import type { FluxEvent } from '../event.ts'

/** A Provider with all that its Secrets say. */
export interface ProviderConfig {
  readonly uid: string
  /** Where to send to. A secret: the address of a hook is all that is needed to write there. */
  readonly address?: Secret
  readonly channel: string
  readonly username: string
  readonly token?: Secret
  readonly password?: Secret
  /** Added to each request of the generic types. */
  readonly headers: ReadonlyMap<string, Secret>
  /** The context of commit statuses; '' for types that write none. */
  readonly commitStatus: string
}

/** One request to the system behind a Provider. */
export interface OutgoingRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH'
  /** A secret where it holds one. */
  readonly url: string | Secret
  readonly headers?: Readonly<Record<string, string | Secret>>
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown
  /** Status codes beside 2xx that are an answer and no failure. */
  readonly alsoGood?: readonly number[]
}

export interface OutgoingAnswer {
  readonly status: number
  /** Parsed JSON; undefined when it is none. */
  readonly body: unknown
}

/** Sends one request; fails with a {@link DeliveryFailure}. */
export type Send = (request: OutgoingRequest) => Promise<OutgoingAnswer>

/** Brings one event to one system. Fails with a {@link DeliveryFailure}. */
export type Deliver = (event: FluxEvent, provider: ProviderConfig, send: Send) => Promise<void>

/** Why an event did not arrive. The message holds no secrets and nothing of what the other side answered. */
export class DeliveryFailure extends Error {
  /** Whether the same request may succeed later. */
  readonly passing: boolean
  /** How long the other side asks to wait, in milliseconds. */
  readonly waitMs: number | undefined

  constructor(message: string, options: { readonly passing?: boolean; readonly waitMs?: number } = {}) {
    super(message)
    this.name = 'DeliveryFailure'
    this.passing = options.passing ?? false
    this.waitMs = options.waitMs
  }
}
