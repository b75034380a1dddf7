import type { Clock } from '../base/clock.ts'
import { asSluiceError, type SluiceError } from '../base/errors/index.ts'

/** One line of a diagnosis. */
export interface CheckLine {
  /** Stable, for machines: `token.scopes`. */
  readonly id: string
  /** What was looked at, for people: `the token has the scopes that Sluice needs`. */
  readonly title: string
  readonly status: 'pass' | 'fail' | 'warn' | 'not-run'
  /** How long it took; 0 when it did not run. */
  readonly ms: number
  /** What was found, or which line it waits for. */
  readonly detail?: string
  /** The host's own words. */
  readonly hostSaid?: string
  /** What the person does about it. */
  readonly fix?: string
  /** The error code of a failure. */
  readonly code?: string
}

/** What a check found: a detail, or a warning with its fix. A failure is thrown as a SluiceError. */
export type CheckFinding = string | { readonly warn: string; readonly fix?: string }

/** One check of a list. `S` is what the checks hand on to each other. */
export interface Check<S> {
  readonly id: string
  readonly title: string
  /** Ids of checks that must not have failed, or been left out, before. */
  readonly needs: readonly string[]
  /** Leaves the check out, without a line, when it answers false. */
  readonly applies?: (state: S) => boolean
  readonly run: (state: S, signal: AbortSignal | undefined) => Promise<CheckFinding> | CheckFinding
}

/** How a list is run. */
export interface ChecklistOptions {
  readonly clock: Clock
  readonly signal?: AbortSignal
}

/**
 * Runs checks in order and yields a line for each as it is known. A check that needs a failed one is `not-run`, so that
 * one cause is one failure. Rejects only when the signal is aborted.
 */
export async function* runChecklist<S>(
  checks: readonly Check<S>[],
  state: S,
  options: ChecklistOptions,
): AsyncGenerator<CheckLine> {
  const { clock, signal } = options
  const lost = new Map<string, string>()
  for (const check of checks) {
    signal?.throwIfAborted()
    const { id, title } = check
    const cause = check.needs.map(need => lost.get(need)).find(found => found !== undefined)
    if (cause !== undefined) {
      lost.set(id, cause)
      yield { id, title, status: 'not-run', ms: 0, detail: `waits for: ${cause}` }
      continue
    }
    if (check.applies?.(state) === false) continue
    const start = clock.monotonic()
    const ms = () => Math.round((clock.monotonic() - start) * 10) / 10
    try {
      const found = await check.run(state, signal)
      if (typeof found === 'string') yield { id, title, status: 'pass', ms: ms(), detail: found }
      else
        yield {
          id,
          title,
          status: 'warn',
          ms: ms(),
          detail: found.warn,
          ...(found.fix !== undefined && { fix: found.fix }),
        }
    } catch (error) {
      signal?.throwIfAborted()
      lost.set(id, title)
      yield failedLine(id, title, ms(), asSluiceError(error))
    }
  }
}

function failedLine(id: string, title: string, ms: number, error: SluiceError): CheckLine {
  // What git failed with are the server's words already.
  const said = error.facts.details?.['hostSaid'] ?? (error.code.startsWith('E_GIT_') ? error.facts.seen : undefined)
  return {
    id,
    title,
    status: 'fail',
    ms,
    detail: error.message,
    ...(typeof said === 'string' && said !== '' && { hostSaid: said }),
    fix: error.next,
    code: error.code,
  }
}
