import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Secret } from '../secrets/secret.ts'

/** How a Git host is reached. */
export interface ForgeConnection {
  /** Host as people write it, with its port and, where the host lives below one, its path. */
  readonly host: string
  /** The API's address, when it is not where it usually is. */
  readonly apiBase?: string
  readonly token: Secret | undefined
  /** Where the token came from, for messages: `EKSA_GITHUB_TOKEN`. */
  readonly tokenSource?: string
  /** The name that goes with the token, for hosts that want one: the e-mail address of an Atlassian account. */
  readonly username?: string
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string
  /** Address of an HTTP proxy. */
  readonly proxy?: string
  /** `sluice/0.1.0`; GitHub refuses requests without one. */
  readonly userAgent: string
  /** The system's when absent. */
  readonly clock?: Clock
  /** Drops everything when absent. */
  readonly logger?: Logger
  /** Told before every wait that the host asks for. */
  readonly onWait?: (wait: { readonly ms: number; readonly reason: string }) => void
  /** The longest wait that is waited out; an hour when absent. */
  readonly maxWaitMs?: number
  /** Bound of one exchange with the API; 30 000 ms when absent. */
  readonly timeoutMs?: number
}
