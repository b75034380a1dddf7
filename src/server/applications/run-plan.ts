import { SluiceError } from '../../base/errors/index.ts'
import { redact } from '../../secrets/secret.ts'
import { insertStage } from '../../store/tables/release-stages.ts'
import type { ServerContext } from '../context.ts'
import type { ChangeResult } from '../contract/change-result.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { requireGate } from '../require-gate.ts'
import { follow } from './follow.ts'
import { makeCommits } from './make-commits.ts'
import type { PlanRun } from './plan-run.ts'

/** Gate, commits, and the way into the cluster. Done again, it commits nothing again. */
export async function runPlan(context: ServerContext, run: PlanRun, job: RunningJob): Promise<ChangeResult> {
  const { app, environments, followed, scopes } = run
  await job.during('gate', async () => {
    for (const scope of scopes) await requireGate(context, scope)
  })
  const { isOurs, ...result } = await makeCommits(context, run, job)
  const { commit } = result
  if (commit !== undefined) job.note({ commit })
  if (commit === undefined || !isOurs) return { ...result, environments: [] }
  for (const environment of environments) await begin(context, run, environment, commit)
  context.live.publish({ topic: app === '' ? 'applications' : `applications/${app}` })
  if (followed.length === 0)
    return { ...result, environments: environments.map(environment => ({ environment, state: 'not-followed' })) }
  const ends = await follow(context, { app, environments: followed, commit, job })
  const failed = ends.find(end => end.state === 'failed')
  if (failed) {
    const { culprit } = failed
    const line = culprit?.line === undefined ? '' : `:${culprit.line}`
    throw new SluiceError('E_APP_UNHEALTHY', {
      object: culprit?.object ?? `${app} in ${failed.environment}`,
      seen: culprit?.message ?? failed.detail ?? 'it failed',
      ...(culprit?.file === undefined ? {} : { expected: `another value in ${culprit.file}${line}` }),
      details: { culprit },
    })
  }
  return { ...result, environments: ends.map(({ environment, state }) => ({ environment, state })) }
}

/** The moment of the push, more exactly than the commit's own date tells it. */
async function begin(
  { store, clock, logger }: ServerContext,
  { app, project }: PlanRun,
  environment: string,
  commit: string,
): Promise<void> {
  const at = clock.now().toISOString()
  const row = { project, application: app, environment, commit_sha: commit, stage: 'committed', at }
  // A time that is missing from the history is no reason to say that what is committed failed.
  if (app !== '')
    await insertStage(store.db, row).catch(error =>
      logger.warn('the moment of a commit could not be written down', {
        application: app,
        error: redact(String(error)),
      }),
    )
}
