import { randomId } from '../../access/index.ts'
import type { Clock } from '../../base/clock.ts'
import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import { redact } from '../../secrets/secret.ts'
import { cannotWrite, type Store } from '../../store/index.ts'
import {
  deleteJobsBefore,
  findJob,
  insertJob,
  type JobsTable,
  orphanedJobs,
  updateJob,
} from '../../store/tables/jobs.ts'
import type { Audit, AuditEntry } from '../audit.ts'
import type { Job } from '../contract/live.ts'
import type { AuditFacts } from '../http/route.ts'
import type { LiveHub } from '../live/hub.ts'
import { redactedJson } from '../redact-data.ts'
import { failOrphan } from './fail-orphan.ts'
import { cleanStep, endSteps, type JobStep, jobOf, problemOf } from './job-row.ts'
import { keepTrying } from './keep-trying.ts'
import { type GoOn, type JobResume, mayGoOn, resumeOf } from './resume.ts'
import type { NewJob, RunningJob } from './types.ts'

export type { JobStep } from './job-row.ts'
export type { NewJob, RunningJob } from './types.ts'

const mostRunning = 50
const keptDays = 30
/** Steps are written down so often at most; each change is told at once. */
const saveEveryMs = 500

/** Work that takes longer than a request: run by the server that took it, told live, kept in the store. */
export class Jobs {
  readonly #running = new Map<string, AbortController>()
  readonly #ends = new Set<Promise<void>>()
  #goOn: GoOn | undefined
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

  /** Says how work of servers that are gone is gone on with. */
  onOrphan(goOn: GoOn): void {
    this.#goOn = goOn
  }

  /** Starts a job and gives it as it is now. Fails with E_SERVER_BUSY, E_STORE_UNREACHABLE. */
  async start(wanted: NewJob): Promise<Job> {
    if (this.#running.size >= mostRunning) {
      throw new SluiceError('E_SERVER_BUSY', {
        expected: `at most ${mostRunning} jobs at once`,
        seen: String(this.#running.size),
      })
    }
    const { store, clock, serverId } = this.#parts
    // Its steps and its end could not be written down.
    const why = store.trouble()
    if (why !== undefined) throw cannotWrite(why)
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
      resume: resumeOf(wanted),
    }
    // Its place is taken before anything is waited for.
    const controller = new AbortController()
    this.#running.set(row.id, controller)
    try {
      await insertJob(store.db, row)
    } catch (error) {
      this.#running.delete(row.id)
      throw error
    }
    this.#begin(wanted, row, controller)
    return jobOf(row)
  }

  #begin(wanted: NewJob, row: JobsTable, controller: AbortController): void {
    this.#running.set(row.id, controller)
    const end = this.#run(wanted, row, controller).finally(() => {
      this.#running.delete(row.id)
      this.#ends.delete(end)
    })
    this.#ends.add(end)
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

  /** Goes on with the jobs of servers that are gone, where it is known how; says of the others that they failed. */
  async takeOrphans(): Promise<void> {
    for (const row of await orphanedJobs(this.#parts.store.db))
      if (!(await this.#takeUp(row))) await failOrphan(this.#parts, row)
  }

  /** True when it is gone on with, by this server or another one. */
  async #takeUp(row: JobsTable): Promise<boolean> {
    const { store, serverId, logger } = this.#parts
    const resume = mayGoOn(row)
    if (resume === undefined || this.#goOn === undefined || this.#running.size >= mostRunning) return false
    const found = await this.#goOn(row, resume)
    if (found === undefined) return false
    const { who, run } = found
    const taken: JobResume = { ...resume, takeovers: resume.takeovers + 1 }
    const change = { server_id: serverId, resume: JSON.stringify(taken) }
    // Of several servers that see it one has it.
    if (!(await updateJob(store.db, row, change))) return true
    logger.info('a job of a server that is gone is gone on with', { job: row.id, kind: row.kind })
    const { project, environment } = row
    const scope = project === null || environment === null ? {} : { scope: { project, environment } }
    const wanted: NewJob = { kind: row.kind, object: row.object, who, ...scope, steps: [], run }
    this.#begin(wanted, { ...row, ...change }, new AbortController())
    return true
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
    const taken = row.resume === null ? undefined : (JSON.parse(row.resume) as JobResume)
    let facts: AuditFacts = taken?.facts ?? {}
    let saving: Promise<unknown> = Promise.resolve()
    let savedAt = Number.NEGATIVE_INFINITY
    const inOrder = (write: () => Promise<boolean>): Promise<boolean> => {
      const done = saving.then(write)
      saving = done.catch(error =>
        logger.warn('a job could not be written down', { job: row.id, error: redact(String(error)) }),
      )
      return done
    }
    const save = (change: Parameters<typeof updateJob>[2]) => inOrder(() => updateJob(store.db, row, change))
    const tell = (now: Job) =>
      live.publish({
        topic: `job/${row.id}`,
        data: now,
        ...(wanted.scope === undefined ? {} : { scope: wanted.scope }),
      })
    const current = (change: Partial<JobsTable> = {}) => jobOf({ ...row, steps: JSON.stringify(steps), ...change })
    /** For who takes the job up. */
    const keepFor = async (change: (resume: JobResume) => JobResume): Promise<void> => {
      if (row.resume === null) return
      row.resume = JSON.stringify(change(JSON.parse(row.resume) as JobResume))
      await save({ resume: row.resume })
    }
    let later: ReturnType<typeof setTimeout> | undefined
    const saveSteps = (then = (): void => {}): void => {
      clearTimeout(later)
      later = undefined
      savedAt = clock.monotonic()
      // The server may have been taken for dead, and the job with it.
      void save({ steps: JSON.stringify(steps) }).then(
        alive => (alive ? then() : controller.abort(new SluiceError('E_SERVER_ENDED'))),
        () => {},
      )
    }
    const job: RunningJob = {
      id: row.id,
      signal: controller.signal,
      step: (id, change) => {
        const at = steps.findIndex(step => step['id'] === id)
        const cleaned = cleanStep(change)
        if (at >= 0) Object.assign(steps[at]!, cleaned)
        else steps.push({ title: id, state: 'waiting', ...cleaned, id })
        tell(current())
        const rest = saveEveryMs - (clock.monotonic() - savedAt)
        if (rest <= 0) saveSteps()
        // Nothing may come after it for long: who asks would be told of the step before.
        else later ??= setTimeout(() => saveSteps(() => tell(current())), rest).unref()
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
      takenUp: (taken?.takeovers ?? 0) > 0,
      remember: async progress => {
        // What is done is not undone because it cannot be written down at once.
        const keep = { clock, signal: AbortSignal.any([this.#closing.signal, controller.signal]) }
        await keepTrying(keep, () => keepFor(resume => ({ ...resume, progress: { ...resume.progress, ...progress } })))
      },
      note: more => {
        facts = { ...facts, ...more, detail: { ...facts.detail, ...more.detail } }
        void keepFor(resume => ({ ...resume, facts })).catch(() => {})
      },
    }
    let end: Pick<JobsTable, 'state' | 'result' | 'error'>
    try {
      const result = await wanted.run(job).finally(() => clearTimeout(later))
      end = { state: 'done', result: result === undefined ? null : redactedJson(result), error: null }
    } catch (error) {
      // What another server can take up does not end with this one.
      const isLeft = row.resume !== null && controller.signal.aborted && isServerEnd(controller.signal.reason)
      if (isLeft) return void (await save({ steps: JSON.stringify(steps) }).catch(() => {}))
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
      resume: null,
    }
    const { object = wanted.object, ...rest } = facts
    const entry: AuditEntry = {
      who: wanted.who,
      action: wanted.kind,
      ...wanted.scope,
      ...rest,
      object,
      outcome: end.state === 'done' ? 'done' : 'failed',
      detail: { ...rest.detail, job: row.id, ...(end.state === 'cancelled' ? { cancelled: true } : {}) },
    }
    // Its end is never told without its audit entry: both are written, or neither.
    const write = (): Promise<boolean> =>
      store.transaction(async db => {
        if (!(await updateJob(db, row, ended))) return false
        await audit.insert(entry, db)
        return true
      })
    let isOurs = false
    await keepTrying({ clock, signal: this.#closing.signal }, async () => {
      isOurs = await inOrder(write)
    }).catch(error =>
      logger.error('the end of a job could not be written down', { job: row.id, error: redact(String(error)) }),
    )
    // Of a job that others have taken, its end is theirs to tell.
    if (!isOurs) return
    tell(current(ended))
    audit.told(entry)
  }
}

function isServerEnd(reason: unknown): boolean {
  return reason instanceof SluiceError && reason.code === 'E_SERVER_ENDED'
}
