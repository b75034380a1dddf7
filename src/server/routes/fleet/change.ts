import { editProblems } from '../../../fleet/check-edit.ts'
import { editCluster } from '../../../fleet/edit-cluster.ts'
import { scaleCluster } from '../../../fleet/scale.ts'
import { formatProblem, type SpecProblem } from '../../../specs/index.ts'
import type { ServerContext } from '../../context.ts'
import { editWishSchema, fleetChangeSchema, scaleWishSchema } from '../../contract/fleet.ts'
import { jobSchema } from '../../contract/live.ts'
import { previewOf, withChange } from '../../fleet/change.ts'
import { followSteps } from '../../fleet/follow-job.ts'
import { editOf, runFleetChange, scaleOf } from '../../fleet/run-change.ts'
import { fleetScope } from '../../fleet/scope.ts'
import { defineRoute } from '../../http/route.ts'
import { requireGate } from '../../require-gate.ts'
import { clusterParams, fileText, operatorOf, rowOf } from './read.ts'

const previewMs = 60_000
const before = { none: 'it only works out what would be committed' } as const

export const previewScale = defineRoute({
  method: 'post',
  path: '/api/v1/fleet/clusters/{namespace}/{name}/scale/preview',
  tag: 'fleet',
  summary: 'What a change of sizes would commit, and what refuses it',
  needs: operatorOf,
  params: clusterParams,
  body: scaleWishSchema,
  answer: fleetChangeSchema,
  audit: before,
  async handle({ context, who, params, body }) {
    await rowOf(context, params)
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(previewMs)])
    return previewOf(onPlan =>
      withChange(context, { cluster: params.name, byRequest: body.byRequest, who, signal }, request =>
        scaleCluster({ ...request, ...scaleOf(body), dryRun: true, onPlan }),
      ),
    )
  },
})

export const startScale = defineRoute({
  method: 'post',
  path: '/api/v1/fleet/clusters/{namespace}/{name}/scale',
  tag: 'fleet',
  summary: 'Change sizes by a commit, and follow it until the machines are Ready',
  description: 'Answers with a job: committed, fetched, applied, Ready.',
  needs: operatorOf,
  params: clusterParams,
  body: scaleWishSchema,
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, params, body }) {
    await rowOf(context, params)
    const wish = scaleOf(body)
    const cluster = params.name
    const work = { kind: 'scale', cluster, wish: body } as const
    return withGate(context, cluster, () =>
      context.jobs.start({
        kind: wish.revert === undefined ? 'fleet.scale' : 'fleet.revert',
        object: `cluster ${cluster}`,
        who,
        scope: fleetScope(cluster),
        steps: [...followSteps],
        resume: work,
        run: runFleetChange(context, who, work),
      }),
    )
  },
})

export const previewEdit = defineRoute({
  method: 'post',
  path: '/api/v1/fleet/clusters/{namespace}/{name}/edit/preview',
  tag: 'fleet',
  summary: 'What is wrong with an edited cluster file, by line, and what it would commit',
  needs: operatorOf,
  params: clusterParams,
  body: editWishSchema,
  answer: fleetChangeSchema,
  audit: before,
  async handle({ context, who, params, body }) {
    const { path, text } = await fileText(context, params)
    const eksctl = context.fleet.watch.eksctl().some(one => one.metadata.name === params.name)
    let problems: SpecProblem[] = []
    try {
      problems = editProblems({ path, cluster: params.name, before: text, after: body.text, eksctl })
    } catch {
      // The preview below says it as a whole.
    }
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(previewMs)])
    return previewOf(
      onPlan =>
        withChange(context, { cluster: params.name, byRequest: body.byRequest, who, signal }, request =>
          editCluster({ ...request, edit: editOf(body), message: body.message, dryRun: true, onPlan }),
        ),
      problems.map(problem => ({
        ...(problem.line === undefined ? {} : { line: problem.line }),
        message: formatProblem({ ...problem, file: '' }).replace(/^:?(\d+:)*\s*/, ''),
      })),
    )
  },
})

export const startEdit = defineRoute({
  method: 'post',
  path: '/api/v1/fleet/clusters/{namespace}/{name}/edit',
  tag: 'fleet',
  summary: 'Commit an edited cluster file, and follow it until the cluster agrees',
  needs: operatorOf,
  params: clusterParams,
  body: editWishSchema,
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, params, body }) {
    await rowOf(context, params)
    const cluster = params.name
    const work = { kind: 'edit', cluster, wish: body } as const
    return withGate(context, cluster, () =>
      context.jobs.start({
        kind: 'fleet.edit',
        object: `cluster ${cluster}`,
        who,
        scope: fleetScope(cluster),
        steps: [...followSteps],
        resume: work,
        run: runFleetChange(context, who, work),
      }),
    )
  },
})

/** A closed gate is said at once, not by a job. */
async function withGate<T>(context: ServerContext, cluster: string, work: () => Promise<T>): Promise<T> {
  await requireGate(context, fleetScope(cluster))
  return work()
}
