import type { Principal } from '../../access/index.ts'
import type { JobsTable } from '../../store/tables/jobs.ts'
import type { AuditFacts } from '../http/route.ts'
import type { NewJob } from './types.ts'

/** What another server knows of a job that it takes up. */
export interface JobResume {
  /** How the person came in, and with which API token: the rights are those that they have now. */
  readonly via: Principal['person']['via']
  readonly token?: string
  /** How often it was taken up. */
  readonly takeovers: number
  /** What the work was started with. */
  readonly input: unknown
  /** What the audit entry of its end is going to say. */
  readonly facts?: AuditFacts
  /** What of it was done for good. */
  readonly progress: Readonly<Record<string, unknown>>
}

/** How a job is gone on with, and as whom; undefined when that is not possible. */
export type GoOn = (
  row: JobsTable,
  resume: JobResume,
) => Promise<{ readonly who: Principal; readonly run: NewJob['run'] } | undefined>

/** Work that is larger than this ends with its server. */
const mostBytes = 2 * 1024 * 1024
/** Work that has ended so many servers may be what ends them. */
const mostTakeovers = 3

/** What is kept of a new job to be taken up; null for one that cannot be. */
export function resumeOf({ resume: input, who }: NewJob): string | null {
  if (input === undefined) return null
  const { via } = who.person
  const resume: JobResume = { via, ...(who.token && { token: who.token }), takeovers: 0, input, progress: {} }
  const text = JSON.stringify(resume)
  return Buffer.byteLength(text) > mostBytes ? null : text
}

export function mayGoOn({ resume }: Pick<JobsTable, 'resume'>): JobResume | undefined {
  if (resume === null) return undefined
  const parsed = JSON.parse(resume) as JobResume
  return parsed.takeovers < mostTakeovers ? parsed : undefined
}
