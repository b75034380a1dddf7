import { SluiceError } from '../../base/errors/index.ts'
import { applyBootstrap, type BootstrapEvent, type Fleet } from '../../bootstrap/index.ts'
import { withEngineBeside } from '../../local/engine-beside.ts'
import { redact } from '../../secrets/secret.ts'
import type { ServerContext } from '../context.ts'
import type { FleetAddDone } from '../contract/fleet-add.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { reviewStep } from '../jobs/review-step.ts'
import type { Agreed } from './plans.ts'
import { type AddRequest, withFleet } from './with-fleet.ts'
import { onPage } from './words.ts'

/** The steps of a bootstrap, as its job shows them from the start. */
export const bootstrapJobSteps = [
  { id: 'check', title: 'check the token and the cluster' },
  { id: 'repository', title: 'find or make the repository' },
  { id: 'branch', title: 'look at the branch' },
  { id: 'files', title: 'commit the files of the fleet' },
  { id: 'engine', title: 'make the cluster follow the repository' },
  { id: 'ready', title: 'wait until the cluster agrees with Git' },
] as const

/**
 * Carries out exactly what was agreed to, and follows it until the cluster is Ready. What an earlier run did is found, so
 * that one that was ended anywhere goes on.
 *
 * @throws E_BOOTSTRAP_PLAN_MOVED, and what the failed step says
 */
export async function applyAdd(
  context: ServerContext,
  request: AddRequest,
  agreed: Agreed,
  job: RunningJob,
): Promise<FleetAddDone> {
  const { clock, logger, dataDir } = context
  return withFleet(context, { ...request, during: job.during }, async ({ bootstrap, fleet, connection, own }) => {
    refuseOther('the connection', agreed.connectionVersion, connection.version)
    refuseOther('the cluster', agreed.server, bootstrap.client.server)
    const { client, signal } = bootstrap
    const beside = { client, dataDir, namespace: fleet.namespace, clock, logger, signal }
    const approved = agreed.approval === undefined ? {} : { approval: agreed.approval }
    const work = () => applyBootstrap({ ...bootstrap, ...approved, onEvent: bootstrapTeller(job) })
    // Real Flux is what acts then, and not before its controllers run.
    const { result: report, acted } = bootstrap.flux
      ? { result: await work(), acted: false }
      : await withEngineBeside(beside, work)
    job.note({
      detail: { target: agreed.target, cluster: client.server },
      ...(report.commit === undefined ? {} : { commit: report.commit }),
    })
    if (own) await tellOwn(context)
    if (report.error) throw report.error
    const page = pageOf(fleet)
    return {
      kind: 'bootstrap',
      url: redact(report.repository.url),
      branch: report.repository.branch,
      path: report.repository.path,
      ...(report.commit === undefined ? {} : { commit: report.commit }),
      ...(report.pullRequest === undefined ? {} : { pullRequest: report.pullRequest }),
      ...(own && page ? { page } : {}),
      ...(agreed.engine === undefined ? {} : { engine: agreed.engine }),
      own,
      engineEnded: acted && report.engineInCluster !== true,
    }
  })
}

/** The cluster whose page is gone to: the one that came, or the management cluster of several. */
function pageOf({ clusters, eksctl, namespace }: Fleet): FleetAddDone['page'] {
  if (eksctl) return { namespace, name: eksctl.cluster }
  const workload = clusters.filter(one => !one.management)
  const found = workload.length === 1 ? workload[0] : (clusters.find(one => one.management) ?? clusters[0])
  return found && { namespace: found.namespace, name: found.name }
}

function refuseOther(object: string, then: number | string | undefined, now: number | string): void {
  if (then === undefined || then === now) return
  throw new SluiceError('E_BOOTSTRAP_PLAN_MOVED', {
    object,
    expected: 'as in the plan',
    seen: object === 'the cluster' ? String(now) : 'another version of it',
  })
}

/** The server looks at once at what its own cluster follows now. */
async function tellOwn(context: ServerContext): Promise<void> {
  await context.repository.moved().catch(() => {})
  for (const topic of ['repository', 'fleet', 'connections']) context.live.publish({ topic })
}

/** Tells a bootstrap as steps of a job. */
function bootstrapTeller(job: RunningJob): (event: BootstrapEvent) => void {
  let checks = 0
  return event => {
    switch (event.type) {
      case 'resumed':
        return job.step(event.step, { detail: 'An earlier run ended here: what it did is found, not done again.' })
      case 'step-started':
        return job.step(event.step, { title: event.title, state: 'running' })
      case 'check':
        checks += 1
        return job.step('check', { detail: `${checks} looked at, now: ${redact(event.line.title)}` })
      case 'review':
        return job.step(event.step, reviewStep(event.event) ?? {})
      case 'step-progress':
        return job.step(event.step, { detail: redact(event.text) })
      case 'step-finished':
        return job.step(event.step, { state: 'done', ms: Math.round(event.ms), detail: redact(event.summary) })
      case 'step-failed': {
        const { message, next } = event.error
        return job.step(event.step, {
          state: 'failed',
          ms: Math.round(event.ms),
          detail: redact(message),
          next: redact(onPage(next)),
        })
      }
      case 'step-skipped':
        return job.step(event.step, { state: 'not-run' })
    }
  }
}
