import { redact } from '../../../secrets/secret.ts'

interface Facts {
  readonly status?: number
  /** What the server asks to wait, in milliseconds, at most an hour. */
  readonly retryMs?: number
  /** What the server's clock says, in milliseconds since 1970. */
  readonly serverTime?: number | undefined
  readonly code?: string | undefined
  readonly cause?: unknown
}

/** A server that did not give what was asked for. The message names address and problem, never a body or a credential. */
export class HttpFailure extends Error {
  /** The status of the answer, when there was one. */
  readonly status: number | undefined
  readonly retryMs: number | undefined
  readonly serverTime: number | undefined
  /** The system's or the library's code of a broken connection. */
  readonly code: string | undefined

  constructor(url: URL, problem: string, facts: Facts = {}) {
    const shown = redact(`${url.origin}${url.pathname}`)
    super(`${shown}: ${problem}`, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'HttpFailure'
    this.status = facts.status
    this.retryMs = facts.retryMs
    this.serverTime = facts.serverTime
    this.code = facts.code
  }
}

/** What a failure underneath says about the next try, for a StepFailure. */
export function retryOf(error: unknown): { readonly retryMs?: number; readonly transient: true } {
  const retryMs = error instanceof HttpFailure ? error.retryMs : undefined
  return { transient: true, ...(retryMs === undefined ? {} : { retryMs }) }
}

/** Whether a server refused who we are. */
export function isRefusal(error: unknown): boolean {
  return error instanceof HttpFailure && (error.status === 401 || error.status === 403)
}
