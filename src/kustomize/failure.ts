import { type ErrorCode, SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'

/** The codes of this folder. */
export type KustomizeCode = Extract<ErrorCode, `E_KUSTOMIZE_${string}`>

/** A build that failed, in kustomize's words; it leaves the folder as a SluiceError. */
export class Failure extends Error {
  readonly code: KustomizeCode

  constructor(message: string, code: KustomizeCode = 'E_KUSTOMIZE_BUILD') {
    super(message)
    this.code = code
  }
}

/** The same failure with words in front of its message, `prefix: message`, as Go's `errors.WrapPrefixf`. */
export function wrapped(error: unknown, prefix: string): Failure {
  if (!(error instanceof Failure)) throw error
  return new Failure(`${prefix}: ${error.message}`, error.code)
}

/** The error that leaves the folder. Text of user files may hold anything, so it is redacted. */
export function asBuildError(error: unknown, dir: string): unknown {
  if (!(error instanceof Failure)) return error
  return new SluiceError(error.code, { object: dir === '' ? '.' : dir, seen: redact(error.message), cause: error })
}
