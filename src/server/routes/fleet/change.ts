import { SluiceError } from '../../../base/errors/index.ts'
import { editProblems } from '../../../fleet/check-edit.ts'
import { editCluster } from '../../../fleet/edit-cluster.ts'
import { type ScaleRequest, scaleCluster } from '../../../fleet/scale.ts'
import { formatProblem, formatSize, type SpecProblem } from '../../../specs/index.ts'
import type { ServerContext } from '../../context.ts'
import { editWishSchema, fleetChangeSchema, scaleWishSchema } from '../../contract/fleet.ts'
import { jobSchema } from '../../contract/live.ts'
import { previewOf, withChange } from '../../fleet/change.ts'
import { type FollowCallbacks, followAsJob, followSteps } from '../../fleet/follow-job.ts'
import { fleetScope } from '../../fleet/scope.ts'
import { defineRoute } from '../../http/route.ts'
import { requireGate } from '../../require-gate.ts'
import { clusterParams, fileText, operatorOf, rowOf, versionOf } from './read.ts'

const previewMs = 60_000
const before = { none: 'it only works out what would be committed' } as const

type Wish = ReturnType<typeof scaleWishSchema.parse>

/** What is asked for, as the fleet's own functions take it. Fails with E_FLEET_SCALE_ARGUMENT. */
function wishOf({ targets, revert }: Wish): Pick<ScaleRequest, 'targets' | 'revert'> {
  if ((revert === undefined) === (targets.length === 0)) {
    const seen = revert === undefined ? 'neither' : 'both'
    throw new SluiceError('E_FLEET_SCALE_ARGUMENT', { expected: 'sizes to set, or a commit to undo', seen })
  }
  for (const { group, size } of targets) {
    if (typeof size !== 'number' && size.max < size.min)
      throw new SluiceError('E_FLEET_SCALE_ARGUMENT', {
        object: group,
        expected: 'a lowest number that is no more than the highest',
        seen: formatSize(size),
      })
  }
  return { targets: targets.map(({ group, size }) => ({ group, count: size })), ...(revert && { revert }) }
}

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
        scaleCluster({ ...request, ...wishOf(body), dryRun: true, onPlan }),
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
    const wish = wishOf(body)
    const { cluster, byRequest } = { cluster: params.name, byRequest: body.byRequest }
    return withGate(context, cluster, () =>
      context.jobs.start({
        kind: wish.revert === undefined ? 'fleet.scale' : 'fleet.revert',
        object: `cluster ${cluster}`,
        who,
        scope: fleetScope(cluster),
        steps: [...followSteps],
        run: job =>
          followAsJob(
            job,
            () => context.clock.monotonic(),
            callbacks =>
              withChange(context, { cluster, byRequest, who, signal: job.signal }, request =>
                scaleCluster({ ...request, ...wish, ...noticing(context, callbacks) }),
              ),
          ),
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
    return withGate(context, cluster, () =>
      context.jobs.start({
        kind: 'fleet.edit',
        object: `cluster ${cluster}`,
        who,
        scope: fleetScope(cluster),
        steps: [...followSteps],
        run: job =>
          followAsJob(
            job,
            () => context.clock.monotonic(),
            callbacks =>
              withChange(context, { cluster, byRequest: body.byRequest, who, signal: job.signal }, request =>
                editCluster({ ...request, edit: editOf(body), message: body.message, ...noticing(context, callbacks) }),
              ),
          ),
      }),
    )
  },
})

/** A closed gate is said at once, not by a job. */
async function withGate<T>(context: ServerContext, cluster: string, work: () => Promise<T>): Promise<T> {
  await requireGate(context, fleetScope(cluster))
  return work()
}

/** The server's own copy of the repository hears of the commit at once. */
function noticing(context: ServerContext, callbacks: FollowCallbacks): FollowCallbacks {
  return {
    ...callbacks,
    onCommit: commit => {
      context.repository.notify(commit)
      callbacks.onCommit(commit)
    },
    onReview: event => {
      if (event.type === 'request-merged') context.repository.notify(event.commit)
      callbacks.onReview(event)
    },
  }
}

/** The edited text, when it was made from what Git has now. */
function editOf({ text, version }: { readonly text: string; readonly version: string }) {
  return async (file: { readonly path: string; readonly text: string }): Promise<string> => {
    if (versionOf(file.text) === version || file.text === text) return text
    throw new SluiceError('E_FLEET_EDIT_CONFLICT', {
      object: file.path,
      expected: 'the file as it was opened',
      seen: 'another text',
      next: 'Load the file again: your text stays until then.',
    })
  }
}
