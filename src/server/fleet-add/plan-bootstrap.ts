import { approvalOf, planBootstrap, type StepPlan } from '../../bootstrap/index.ts'
import { reviewWanted } from '../../forges/changes/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { ServerContext } from '../context.ts'
import type { FleetAddPlan } from '../contract/fleet-add.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { checkTeller } from '../routes/connections/tell.ts'
import { engineWords, fluxStep, fluxWords } from './engine.ts'
import { refusalView, stepsView } from './plan-view.ts'
import type { Agreed } from './plans.ts'
import { type AddParts, type AddRequest, withFleet } from './with-fleet.ts'
import { onPage } from './words.ts'

/** What comes after the checks of the host. */
export const planStep = { id: 'plan', title: 'compare every file and object' } as const

/** Works out a bootstrap, check by check, and writes nothing. What a person may agree to is part of the answer. */
export async function planAdd(
  context: ServerContext,
  request: AddRequest,
  job: RunningJob,
): Promise<{ readonly view: Omit<FleetAddPlan, 'plan'>; readonly agreed: Agreed | undefined }> {
  return withFleet(context, { ...request, during: job.during, onWait: waitTeller(job) }, async parts => {
    const { bootstrap, connection } = parts
    if (bootstrap.flux) job.step(fluxStep.id, { detail: fluxWords(bootstrap.flux) })
    const tell = checkTeller(job, connection.kind, onPage)
    const steps = await planBootstrap({
      ...bootstrap,
      onEvent: event => event.type === 'check' && tell(event.line),
    })
    const blocked = steps.find(step => step.problem !== undefined)
    if (blocked?.id === 'check') job.step(planStep.id, { ...planStep, state: 'not-run' })
    else job.step(planStep.id, { ...planStep, state: 'done', detail: countsOf(steps) })
    const view = viewOf(parts, steps, await reviewOf(parts, steps))
    const isFree = view.refusal === undefined
    return {
      view,
      agreed: isFree
        ? {
            target: view.target,
            engine: view.engine,
            approval: approvalOf(steps),
            connectionVersion: connection.version,
            server: bootstrap.client.server,
          }
        : undefined,
    }
  })
}

export function waitTeller(job: RunningJob): NonNullable<AddRequest['onWait']> {
  return ({ ms, reason }) =>
    job.step('waiting', {
      title: `the host wants a pause of ${Math.ceil(ms / 1000)} s`,
      state: 'warned',
      detail: reason,
    })
}

/** Why the files go by a request; undefined when they are pushed, as far as the host tells. */
async function reviewOf({ bootstrap, fleet }: AddParts, steps: readonly StepPlan[]): Promise<string | undefined> {
  const isThere = steps.some(step => step.changes.some(one => one.kind === 'repository' && one.action === 'keep'))
  const { forge, review = 'auto', signal } = bootstrap
  if (!isThere) return undefined
  const at = { forge, owner: fleet.owner, repository: fleet.repository, branch: fleet.branch, signal }
  return reviewWanted(at, review).catch(() => undefined)
}

function viewOf(parts: AddParts, steps: readonly StepPlan[], review: string | undefined): Omit<FleetAddPlan, 'plan'> {
  const { bootstrap, fleet, warnings } = parts
  const blocked = steps.find(step => step.problem !== undefined)
  const message = steps.find(step => step.message !== undefined)?.message
  const engine = steps.find(step => step.engine !== undefined)?.engine
  return {
    kind: 'bootstrap',
    target: targetOf(parts),
    cluster: redact(bootstrap.client.server),
    commit: {
      author: redact(bootstrap.author === undefined ? '' : `${bootstrap.author.name} <${bootstrap.author.email}>`),
      branch: fleet.branch,
      ...(review === undefined ? {} : { review: redact(review) }),
      ...(message === undefined ? {} : { message: redact(message.trimEnd()) }),
    },
    ...(engine === undefined ? {} : { engine: engineWords(engine) }),
    ...(bootstrap.flux === undefined ? {} : { manifests: redact(bootstrap.flux.origin) }),
    warnings: warnings.map(redact),
    steps: stepsView(steps),
    ...(blocked?.problem === undefined ? {} : { refusal: refusalView(blocked.problem) }),
    done: blocked === undefined && steps.every(step => step.state === 'done'),
  }
}

/** `acme/fleet on git.example.com, branch main, folder clusters/mgmt`. */
export function targetOf({ bootstrap: { forge }, fleet }: Pick<AddParts, 'bootstrap' | 'fleet'>): string {
  const repository = fleet.owner === '' ? fleet.repository : `${fleet.owner}/${fleet.repository}`
  const folder = fleet.path === '.' || fleet.path === '' ? '/' : fleet.path
  return redact(`${repository} on ${forge.host}, branch ${fleet.branch}, folder ${folder}`)
}

function countsOf(steps: readonly StepPlan[]): string {
  const all = steps.flatMap(step => step.changes)
  const changed = (kind: 'file' | 'object') => {
    const of = all.filter(change => change.kind === kind)
    const todo = of.filter(change => 'action' in change && change.action !== 'keep').length
    return `${todo} of ${of.length} ${kind}s change`
  }
  return `${changed('file')}, ${changed('object')}`
}
