import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'
import type { ConditionType } from './status/conditions.ts'

/** How a reconcile goes on after a failure. */
export interface FailureOptions {
  /** Nothing but a change of the object can help: the object is stalled and no alarm is set. */
  readonly stalled?: boolean
  /** Try again after this many milliseconds instead of the object's own retry interval. */
  readonly retryMs?: number
  /** The failure is outside (server busy, network): try again soon, with growing waits. */
  readonly transient?: boolean
  /** The condition of a source that the failure sets, beside Ready; FetchFailed when absent. */
  readonly condition?: ConditionType
  readonly cause?: unknown
}

/** A step that failed, with the reason and message that the object's conditions get. Never leaves the engine. */
export class StepFailure extends Error {
  readonly reason: string
  readonly options: FailureOptions

  constructor(reason: string, message: string, options: FailureOptions = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'StepFailure'
    this.reason = reason
    this.options = options
  }
}

/** Any thrown value as a failure of a step. */
export function asStepFailure(error: unknown, reason: string): StepFailure {
  if (error instanceof StepFailure) return error
  const transient = error instanceof SluiceError && error.retryable
  return new StepFailure(reason, messageOf(error), { transient, cause: error })
}

/** The message of any thrown value, free of secrets. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error))
}
