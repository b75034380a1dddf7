import { z } from 'zod'
import { findFleetSync } from '../../../fleet/find-sync.ts'
import { officialReleases, pinnedRelease } from '../../../flux/index.ts'
import { plannedChecks } from '../../../forges/index.ts'
import { redact } from '../../../secrets/secret.ts'
import { findJob } from '../../../store/tables/jobs.ts'
import type { ServerContext } from '../../context.ts'
import {
  type FleetAddWish,
  fleetAddApplySchema,
  fleetAddCheckSchema,
  fleetAddPlanRecordSchema,
  fleetAddStartSchema,
  fleetAddWishSchema,
} from '../../contract/fleet-add.ts'
import { jobSchema } from '../../contract/live.ts'
import { bootstrapJobSteps } from '../../fleet-add/apply-bootstrap.ts'
import { checkWish, requireGoodWish } from '../../fleet-add/check-wish.ts'
import { fluxStep } from '../../fleet-add/engine.ts'
import { importJobSteps, importPlanSteps, planImport } from '../../fleet-add/import-repository.ts'
import { planAdd } from '../../fleet-add/plan-bootstrap.ts'
import { begunPlans, forgetPlan, keepPlan, newPlanId, readPlan } from '../../fleet-add/plans.ts'
import { openAgreed, type PlanWork, runPlan } from '../../fleet-add/run-plan.ts'
import { provenConnection } from '../../fleet-add/with-fleet.ts'
import { defineRoute } from '../../http/route.ts'
import type { NewJob } from '../../jobs/jobs.ts'
import { administrator, everything } from '../connections/needs.ts'

const maxBodyBytes = 6 * 1024 * 1024
const patienceMs = 3000

export const readAddStart = defineRoute({
  method: 'get',
  path: '/api/v1/fleet/add',
  tag: 'fleet',
  summary:
    'What a cluster can be added with: the cluster of this server, and plans that were not carried out to the end',
  needs: administrator,
  answer: fleetAddStartSchema,
  async handle({ context }) {
    const { client, signal } = context
    const end = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
    const sync = client === undefined ? undefined : await findFleetSync(client, end).catch(() => undefined)
    const follows = sync && { url: redact(sync.url), branch: sync.branch, path: sync.path }
    return {
      ...(client === undefined ? {} : { cluster: { server: redact(client.server), ...(follows && { follows }) } }),
      flux: { version: pinnedRelease, releases: officialReleases },
      unfinished: await unfinished(context),
    }
  },
})

async function unfinished(context: ServerContext) {
  const found: z.output<typeof fleetAddStartSchema>['unfinished'] = []
  for (const { id, job: begun, agreed, by, at } of await begunPlans(context)) {
    if (begun === undefined || agreed === undefined) continue
    const job = await findJob(context.store.db, begun)
    found.push({
      plan: id,
      target: agreed.target,
      at: job?.started_at ?? at,
      by,
      running: job?.state === 'running',
    })
  }
  return found
}

export const checkAdd = defineRoute({
  method: 'post',
  path: '/api/v1/fleet/add/check',
  tag: 'fleet',
  summary: 'What is wrong with specs and fields as they are typed, and where they lead; asks no host and no cluster',
  needs: administrator,
  body: fleetAddWishSchema,
  maxBodyBytes,
  answer: fleetAddCheckSchema,
  audit: { none: 'it only reads what was sent' },
  handle: async ({ context, body }) => checkWish(context, body),
})

export const planFleetAdd = defineRoute({
  method: 'post',
  path: '/api/v1/fleet/add/plan',
  tag: 'fleet',
  summary: 'Check the host and the cluster, and plan every file and object; writes nothing',
  description:
    'Answers with a job; its steps are the checks, its result is the plan. A kubeconfig is sealed until the plan is carried out or forgotten, and never given back.',
  needs: administrator,
  body: fleetAddWishSchema,
  maxBodyBytes,
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, body }) {
    const connection = await provenConnection(context, body)
    const wish = { ...body, connection: connection.id }
    await requireGoodWish(context, wish)
    const plan = newPlanId()
    const isImport = wish.what === 'import'
    return context.jobs.start({
      kind: isImport ? 'fleet.import.plan' : 'fleet.bootstrap.plan',
      object: `fleet, by connection ${connection.name}`,
      who,
      scope: everything,
      steps: isImport ? [...importPlanSteps] : [...stepsOfEngine(wish), ...plannedChecks(connection.kind)],
      async run(job) {
        const request = { wish, who, signal: job.signal }
        const { view, agreed } = await (isImport ? planImport : planAdd)(context, request, job)
        const at = context.clock.now().toISOString()
        await keepPlan(context, plan, { wish, by: who.person.name, at, planJob: job.id, ...(agreed && { agreed }) })
        job.note({ detail: { target: view.target } })
        return { ...view, plan }
      },
    })
  },
})

export const applyFleetAdd = defineRoute({
  method: 'post',
  path: '/api/v1/fleet/add/apply',
  tag: 'fleet',
  summary: 'Carry out exactly a plan; started again after an end, it goes on',
  description:
    'Refused where Git or the cluster is not as it was when the plan was made. A run that is under way is given back.',
  needs: administrator,
  body: fleetAddApplySchema,
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, body: { plan } }) {
    const record = await openAgreed(context, plan)
    const { wish, agreed } = record
    const before = record.job === undefined ? undefined : await context.jobs.get(record.job).catch(() => undefined)
    if (before?.state === 'running') return before
    const isImport = wish.what === 'import'
    return context.jobs.start({
      kind: isImport ? 'fleet.import' : 'fleet.bootstrap',
      object: agreed.target,
      who,
      scope: everything,
      steps: isImport ? [...importJobSteps] : [...stepsOfEngine(wish), ...bootstrapJobSteps],
      resume: { plan } satisfies PlanWork,
      run: job => runPlan(context, who, record, job),
    })
  },
})

function stepsOfEngine({ engine }: Pick<FleetAddWish, 'engine'>): NewJob['steps'] {
  return engine === 'flux' ? [fluxStep] : []
}

const params = z.object({ id: z.string().max(100) })

export const readAddPlan = defineRoute({
  method: 'get',
  path: '/api/v1/fleet/add/plans/{id}',
  tag: 'fleet',
  summary: 'A plan as it was asked for, and its jobs; without the kubeconfig',
  needs: administrator,
  params,
  answer: fleetAddPlanRecordSchema,
  async handle({ context, params: { id } }) {
    const { wish, planJob, job, sealed } = await readPlan(context, id)
    return {
      plan: id,
      wish,
      kubeconfig: sealed,
      planJob,
      ...(job === undefined ? {} : { job }),
    }
  },
})

export const forgetAddPlan = defineRoute({
  method: 'delete',
  path: '/api/v1/fleet/add/plans/{id}',
  tag: 'fleet',
  summary: 'Forget a plan, and the kubeconfig in it; what was done of it stays',
  needs: administrator,
  params,
  audit: { action: 'fleet.plan.forget', object: ({ params }) => `plan ${params.id}` },
  async handle({ context, params: { id }, note }) {
    const { agreed } = await readPlan(context, id)
    if (agreed) note({ object: agreed.target })
    await forgetPlan(context, id)
    return undefined
  },
})
