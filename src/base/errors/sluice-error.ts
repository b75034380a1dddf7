import { exitCodes } from './define.ts'
import { type ErrorCode, errorEntry } from './registry.ts'

/** What an error says beside its code: always enough to act on. */
export interface ErrorFacts {
  /** The object that it is about, e.g. `Cluster/default/prod`, `clusters/prod/eksa-system/eksa-cluster.yaml:12:3`. */
  readonly object?: string
  /** What was expected, as a phrase: `an odd number`. */
  readonly expected?: string
  /** What was seen instead: `4`. Never a secret: pass text from outside through `redact` first. */
  readonly seen?: string
  /** The next step for the person; the registry's `fix` when absent. */
  readonly next?: string
  /** The error underneath. */
  readonly cause?: unknown
  /** Overrides the registry's `retryable` for this occurrence. */
  readonly retryable?: boolean
  /** Further facts for machines (`-o json`); never secrets. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * The one error type that leaves a module of Sluice.
 *
 * @example
 * throw new SluiceError('E_SPEC_INVALID', {
 *   object: 'Cluster/prod spec.controlPlaneConfiguration.count',
 *   expected: 'an odd number with stacked etcd',
 *   seen: '4',
 * })
 */
export class SluiceError extends Error {
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(code: ErrorCode, facts: ErrorFacts = {}) {
    super(messageOf(code, facts), facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'SluiceError'
    this.code = code
    this.facts = facts
  }

  /** The next step for the person. */
  get next(): string {
    return this.facts.next ?? errorEntry(this.code).fix
  }

  /** Whether trying again without a change can succeed. */
  get retryable(): boolean {
    return this.facts.retryable ?? errorEntry(this.code).retryable ?? false
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): number {
    return exitCodes[errorEntry(this.code).exit]
  }

  /** The error as data, for `-o json` and the API. */
  toJSON(): Record<string, unknown> {
    const { object, expected, seen, details } = this.facts
    return { code: this.code, message: this.message, object, expected, seen, next: this.next, details }
  }
}

function messageOf(code: ErrorCode, facts: ErrorFacts): string {
  const parts: string[] = []
  if (facts.object !== undefined) parts.push(facts.object)
  parts.push(errorEntry(code).title)
  let text = parts.join(': ')
  if (facts.expected !== undefined) text += `: expected ${facts.expected}`
  if (facts.seen !== undefined) text += `${facts.expected === undefined ? ': ' : ', '}seen ${facts.seen}`
  return text
}

const diskFaults: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full (ENOSPC)',
  EDQUOT: 'the quota of this user is used up (EDQUOT)',
  EFBIG: 'files may not grow so large here (EFBIG)',
  EROFS: 'the file system is read-only (EROFS)',
}

/** A code of Node's file system in words, as far as it is about room; other codes as they are. */
export function diskWords(code: string): string {
  return diskFaults[code] ?? code
}

/** What Node throws when a disk takes no more: no fault of Sluice, wherever it hits. */
function diskFault(error: unknown): SluiceError | undefined {
  const { code, path } = (error instanceof Error ? error : {}) as { code?: unknown; path?: unknown }
  if (typeof code !== 'string' || !(code in diskFaults)) return undefined
  const seen = diskWords(code)
  return new SluiceError('E_FILE_WRITE', { ...(typeof path === 'string' ? { object: path } : {}), seen, cause: error })
}

/**
 * Any thrown value as a SluiceError: aborts become `E_ABORTED`, full disks `E_FILE_WRITE`, other foreign errors
 * `E_INTERNAL`, with the cause kept.
 */
export function asSluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  if (error instanceof Error && error.name === 'AbortError') return new SluiceError('E_ABORTED', { cause: error })
  const full = diskFault(error)
  if (full) return full
  const seen = error instanceof Error ? error.message : String(error)
  return new SluiceError('E_INTERNAL', { seen, cause: error })
}
