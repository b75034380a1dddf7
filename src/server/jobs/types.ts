import type { Principal, Scope } from '../../access/index.ts'
import type { AuditFacts } from '../http/route.ts'
import type { JobStep } from './job-row.ts'

/** What is to be done. */
export interface NewJob {
  /** `connection.validate`; also the action of the audit entry that its end writes. */
  readonly kind: string
  /** What it works on: `connection acme`. */
  readonly object: string
  readonly who: Principal
  /** Where it works: viewers there see it. */
  readonly scope?: Scope
  /** All steps, in their order; those that come to light later can be added. */
  readonly steps: readonly { readonly id: string; readonly title: string }[]
  /**
   * For work that another server may take up when this one ends: what it has to know, as JSON without a secret. Such work finds
   * by itself what of it is done already.
   */
  readonly resume?: unknown
  /** Does the work; what it gives is the job's result. It never holds a secret. */
  run(job: RunningJob): Promise<unknown>
}

/** The job, for the work itself. */
export interface RunningJob {
  readonly id: string
  /** Aborted when somebody cancels the job or the server ends. */
  readonly signal: AbortSignal
  /** Whether a server began it that is gone. */
  readonly takenUp: boolean
  /** Says how far a step is. A step that is not there yet is added at the end. */
  step(id: string, change: Partial<Omit<JobStep, 'id'>>): void
  /** Runs one step: running, then done with its time, or failed with what went wrong. */
  during<T>(id: string, work: () => Promise<T>): Promise<T>
  /** Adds to the audit entry of the end. */
  note(facts: AuditFacts): void
  /** Writes down for who takes the work up what is done for good. Does nothing for work that nobody can take up. */
  remember(progress: Readonly<Record<string, unknown>>): Promise<void>
}
