import { allows, everything, type Principal } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { ServerContext } from '../context.ts'
import type { FleetAddDone } from '../contract/fleet-add.ts'
import type { NewJob, RunningJob } from '../jobs/jobs.ts'
import type { JobResume } from '../jobs/resume.ts'
import { applyAdd } from './apply-bootstrap.ts'
import { applyImport } from './import-repository.ts'
import { type Agreed, beginPlan, forgetPlan, openPlan } from './plans.ts'
import { provenConnection } from './with-fleet.ts'

/** What a job is started with that carries a plan out, and what another server goes on with. */
export interface PlanWork {
  readonly plan: string
}

/** A plan that may be carried out, with its kubeconfig. */
export type OpenPlan = Awaited<ReturnType<typeof openPlan>> & { readonly agreed: Agreed }

/** Opens a plan that somebody agreed to. Fails with E_NOT_FOUND, E_GATE_CLOSED, E_REQUEST_INVALID. */
export async function openAgreed(context: ServerContext, id: string): Promise<OpenPlan> {
  const record = await openPlan(context, id)
  await provenConnection(context, record.wish)
  const { agreed } = record
  if (agreed === undefined)
    throw new SluiceError('E_REQUEST_INVALID', { object: 'the plan', expected: 'one that can be carried out' })
  return { ...record, agreed }
}

/** Carries a plan out and forgets it. Done again, it finds what Git and the cluster have of it already. */
export async function runPlan(
  context: ServerContext,
  who: Principal,
  record: OpenPlan,
  job: RunningJob,
): Promise<FleetAddDone> {
  const { id, wish, agreed } = record
  // Kept before anything is done: who comes back after an end finds it.
  if (record.job !== job.id) await beginPlan(context, id, record.job, job.id)
  const request = { wish, who, signal: job.signal }
  const done = await (wish.what === 'import' ? applyImport : applyAdd)(context, request, agreed, job)
  await job.remember({ done })
  await forgetPlan(context, id)
  return done
}

/** Goes on with a plan that a server began which is gone: it may have waited for a merge for hours. */
export function resumeFleetPlan(context: ServerContext, who: Principal, { input, progress }: JobResume): NewJob['run'] {
  const { plan } = input as PlanWork
  return async job => {
    if (!allows(who.grants, 'administrator', everything))
      throw new SluiceError('E_FORBIDDEN', { object: 'the fleet', expected: 'the role administrator of everything' })
    if (progress['done'] === undefined) return runPlan(context, who, await openAgreed(context, plan), job)
    await forgetPlan(context, plan)
    return progress['done']
  }
}
