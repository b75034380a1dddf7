/** How long to wait between tries of one thing. */
export interface BackoffOptions {
  /** The first wait in milliseconds. */
  readonly baseMs: number
  /** No wait is longer than this. */
  readonly maxMs: number
  /** Growth per try; 2 when absent. */
  readonly factor?: number
  /** Random share of the wait, 0 to 1: 0.2 means ±20 %. Default 0.2, so that many clients do not march in step. */
  readonly jitter?: number
}

/** The wait before try number `attempt` (1 is the first retry), in milliseconds. */
export function backoffDelay(attempt: number, options: BackoffOptions, random: () => number = Math.random): number {
  const grown = Math.min(options.maxMs, options.baseMs * (options.factor ?? 2) ** Math.max(0, attempt - 1))
  const spread = options.jitter ?? 0.2
  return Math.min(options.maxMs, grown * (1 - spread + 2 * spread * random()))
}
