import { type Principal, randomId, type Scope } from '../../access/index.ts'
import type { Clock } from '../../base/clock.ts'
import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import { redact } from '../../secrets/secret.ts'
import type { Store } from '../../store/index.ts'
import {
  deleteJobsBefore,
  findJob,
  insertJob,
  type JobsTable,
  orphanedJobs,
  updateJob,
} from '../../store/tables/jobs.ts'
import type { Audit } from '../audit.ts'
import type { Job } from '../contract/live.ts'
import type { AuditFacts } from '../http/route.ts'
import type { LiveHub } from '../live/hub.ts'
import { redactedJson } from '../redact-data.ts'
import { cleanStep, endSteps, type JobStep, jobOf, problemOf } from './job-row.ts'
import { keepTrying } from './keep-trying.ts'

export type { JobStep } from './job-row.ts'

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
  /** Does the work; what it gives is the job's result. It never holds a secret. */
  run(job: RunningJob): Promise<unknown>
}

/** The job, for the work itself. */
export interface RunningJob {
  readonly id: string
  /** Aborted when somebody cancels the job or the server ends. */
  readonly signal: AbortSignal
  /** Says how far a step is. A step that is not there yet is added at the end. */
  step(id: string, change: Partial<Omit<JobStep, 'id'>>): void
  /** Runs one step: running, then done with its time, or failed with what went wrong. */
  during<T>(id: string, work: () => Promise<T>): Promise<T>
  /** Adds to the audit entry of the end. */
  note(facts: AuditFacts): void
}

const mostRunning = 50
const keptDays = 30
/** Steps are written down so often at most; each change is told at once. */
const saveEveryMs = 500

/** Work that takes longer than a request: run by the server that took it, told live, kept in the store. */
export class Jobs {
  readonly #running = new Map<string, AbortController>()
  readonly #ends = new Set<Promise<void>>()
  readonly #closing = new AbortController()
  readonly #parts: { store: Store; clock: Clock; logger: Logger; live: LiveHub; audit: Audit; serverId: string }

  constructor(parts: { store: Store; clock: Clock; logger: Logger; live: LiveHub; audit: Audit; serverId: string }) {
    this.#parts = parts
    parts.live.onControl(control => {
      if (control.kind === 'cancel-job') this.#running.get(control.job)?.abort(new SluiceError('E_ABORTED'))
    })
  }

  get running(): number {
    return this.#running.size
  }

  /** Starts a job and gives it as it is now. Fails with E_SERVER_BUSY. */
  async start(wanted: NewJob): Promise<Job> {
    if (this.#running.size >= mostRunning) {
      throw new SluiceError('E_SERVER_BUSY', {
        expected: `at most ${mostRunning} jobs at once`,
        seen: String(this.#running.size),
      })
    }
    const { store, clock, serverId } = this.#parts
    const row: JobsTable = {
      id: randomId(),
      kind: wanted.kind,
      state: 'running',
      server_id: serverId,
      who_id: wanted.who.person.id,
      who: wanted.who.person.name,
      object: redact(wanted.object),
      project: wanted.scope?.project ?? null,
      environment: wanted.scope?.environment ?? null,
      started_at: clock.now().toISOString(),
      ended_at: null,
      steps: redactedJson(wanted.steps.map(step => ({ ...step, state: 'waiting' }))),
      result: null,
      error: null,
    }
    const controller = new AbortController()
    this.#running.set(row.id, controller)
    try {
      await insertJob(store.db, row)
    } catch (error) {
      this.#running.delete(row.id)
      throw error
    }
    const end = this.#run(wanted, row, controller).finally(() => {
      this.#running.delete(row.id)
      this.#ends.delete(end)
    })
    this.#ends.add(end)
    return jobOf(row)
  }

  /** The job as it is now. Fails with E_NOT_FOUND. */
  async get(id: string): Promise<Job> {
    const row = await findJob(this.#parts.store.db, id)
    if (row === undefined) throw new SluiceError('E_NOT_FOUND', { object: `job ${id}` })
    return jobOf(row)
  }

  /** Asks the server that runs a job to stop it. */
  cancel(id: string): void {
    this.#parts.live.control({ kind: 'cancel-job', job: id })
  }

  /** Says of jobs whose server is gone that they failed. */
  async failOrphans(): Promise<void> {
    const { store, clock, live, audit } = this.#parts
    for (const row of await orphanedJobs(store.db)) {
      const steps = endSteps(JSON.parse(row.steps) as JobStep[])
      const ended_at = clock.now().toISOString()
      const error = JSON.stringify(problemOf(new SluiceError('E_SERVER_ENDED', { object: row.object })))
      if (await updateJob(store.db, row.id, { state: 'failed', ended_at, steps: JSON.stringify(steps), error })) {
        live.publish({ topic: `job/${row.id}` })
        // The server that ran it wrote no entry any more, and it may have made a commit.
        await audit.write({
          by: { id: row.who_id, name: row.who },
          action: row.kind,
          object: row.object,
          ...(row.project === null ? {} : { project: row.project }),
          ...(row.environment === null ? {} : { environment: row.environment }),
          outcome: 'failed',
          detail: { error: 'E_SERVER_ENDED', job: row.id, note: 'what was done until then stays' },
        })
      }
    }
  }

  /** Forgets jobs that ended long ago. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#parts
    await deleteJobsBefore(store.db, new Date(clock.now().getTime() - keptDays * 86_400_000).toISOString())
  }

  /** Stops every job of this server and waits for their ends. */
  async close(): Promise<void> {
    this.#closing.abort()
    for (const controller of this.#running.values()) controller.abort(new SluiceError('E_SERVER_ENDED'))
    await Promise.all(this.#ends)
  }

  async #run(wanted: NewJob, row: JobsTable, controller: AbortController): Promise<void> {
    const { store, clock, logger, live, audit } = this.#parts
    const steps: Record<string, unknown>[] = JSON.parse(row.steps)
    let facts: AuditFacts = {}
    let saving: Promise<unknown> = Promise.resolve()
    let savedAt = Number.NEGATIVE_INFINITY
    const save = (change: Parameters<typeof updateJob>[2]) => {
      const done = saving.then(() => updateJob(store.db, row.id, change))
      saving = done.catch(error =>
        logger.warn('a job could not be written down', { job: row.id, error: redact(String(error)) }),
      )
      return done
    }
    const tell = (now: Job) =>
      live.publish({
        topic: `job/${row.id}`,
        data: now,
        ...(wanted.scope === undefined ? {} : { scope: wanted.scope }),
      })
    const current = (change: Partial<JobsTable> = {}) => jobOf({ ...row, steps: JSON.stringify(steps), ...change })
    const job: RunningJob = {
      id: row.id,
      signal: controller.signal,
      step: (id, change) => {
        const at = steps.findIndex(step => step['id'] === id)
        const cleaned = cleanStep(change)
        if (at >= 0) Object.assign(steps[at]!, cleaned)
        else steps.push({ title: id, state: 'waiting', ...cleaned, id })
        tell(current())
        if (clock.monotonic() - savedAt < saveEveryMs) return
        savedAt = clock.monotonic()
        // The server may have been taken for dead, and the job with it.
        void save({ steps: JSON.stringify(steps) }).then(
          alive => alive || controller.abort(new SluiceError('E_SERVER_ENDED')),
          () => {},
        )
      },
      during: async (id, work) => {
        controller.signal.throwIfAborted()
        const started = clock.monotonic()
        job.step(id, { state: 'running' })
        const ms = () => Math.round(clock.monotonic() - started)
        try {
          const result = await work()
          // The work may have said more of the step itself, such as that it is done with a warning.
          const state = steps.find(step => step['id'] === id)?.['state'] === 'running' ? { state: 'done' as const } : {}
          job.step(id, { ...state, ms: ms() })
          return result
        } catch (error) {
          const { message, next } = asSluiceError(error)
          job.step(id, { state: 'failed', ms: ms(), detail: message, next })
          throw error
        }
      },
      note: more => {
        facts = { ...facts, ...more, detail: { ...facts.detail, ...more.detail } }
      },
    }
    let end: Pick<JobsTable, 'state' | 'result' | 'error'>
    try {
      const result = await wanted.run(job)
      end = { state: 'done', result: result === undefined ? null : redactedJson(result), error: null }
    } catch (error) {
      const cancelled = controller.signal.aborted && !isServerEnd(controller.signal.reason)
      const cause = controller.signal.aborted ? controller.signal.reason : error
      if (!(cause instanceof SluiceError))
        logger.error('a job failed', {
          job: row.id,
          kind: row.kind,
          error: redact(String((cause as Error)?.stack ?? cause)),
        })
      end = { state: cancelled ? 'cancelled' : 'failed', result: null, error: JSON.stringify(problemOf(cause)) }
    }
    const ended = {
      ...end,
      ended_at: clock.now().toISOString(),
      steps: JSON.stringify(endSteps(steps as unknown as JobStep[])),
    }
    const keep = { clock, signal: this.#closing.signal }
    await keepTrying(keep, () => save(ended)).catch(() => {})
    tell(current(ended))
    const { object = wanted.object, ...rest } = facts
    await keepTrying(keep, () =>
      audit.write({
        who: wanted.who,
        action: wanted.kind,
        ...wanted.scope,
        ...rest,
        object,
        outcome: end.state === 'done' ? 'done' : 'failed',
        detail: { ...rest.detail, job: row.id, ...(end.state === 'cancelled' ? { cancelled: true } : {}) },
      }),
    ).catch(error =>
      logger.error('the end of a job is not in the audit log', { job: row.id, error: redact(String(error)) }),
    )
  }
}

function isServerEnd(reason: unknown): boolean {
  return reason instanceof SluiceError && reason.code === 'E_SERVER_ENDED'
}
