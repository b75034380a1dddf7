/** How a command ends when an error reaches it. Documented in docs/reference/errors.md. */
export const exitCodes = {
  /** Something failed that is none of the below. */
  failure: 1,
  /** The command line itself was wrong. */
  usage: 2,
  /** A file, spec or manifest was wrong. */
  input: 3,
  /** A token, key or right was missing or wrong. */
  credentials: 4,
  /** Sluice refused, to protect what is there. */
  refused: 5,
  /** A server did not answer, or not in time. */
  unreachable: 6,
} as const

export type ExitClass = keyof typeof exitCodes

/** One kind of failure, as the registry and the reference page describe it. */
export interface ErrorEntry {
  /** One sentence without a full stop: what is wrong. It opens the message. */
  readonly title: string
  /** When this happens, for the reference page. */
  readonly cause: string
  /** What a person does about it, for the reference page; an error can carry a more precise `next`. */
  readonly fix: string
  /** Which exit code a command ends with. */
  readonly exit: ExitClass
  /** Whether trying again without a change can succeed. */
  readonly retryable?: boolean
}

/** Declares the errors of one area; the keys are the stable codes. */
export function defineErrors<const T extends Record<`E_${string}`, ErrorEntry>>(entries: T): T {
  return entries
}
