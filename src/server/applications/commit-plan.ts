import { applicationPaths, isOwnFile, pointerPath } from '../../apps/index.ts'
import type { ChangeResult as Written } from '../../forges/changes/index.ts'
import type { FileChange } from '../../git/index.ts'
import type { ServerContext } from '../context.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { reviewStep } from '../jobs/review-step.ts'
import { type RepositoryState, titleOf } from '../repository/index.ts'
import type { ApplyWish } from './apply-plan.ts'
import { makeRepository } from './make-repository.ts'
import type { Plan } from './plan.ts'
import { proveReach } from './prove-reach.ts'

/** One commit of a plan. */
export interface PlanCommit {
  /** The step of the job. */
  readonly step: 'commit' | 'pointer'
  /** `acme/fleet`. */
  readonly title: string
  readonly branch: string
  readonly files: readonly FileChange[]
  readonly watched: readonly string[]
}

/** The commits of a plan in the order that they are made in: two, where an application's own repository and the fleet's both change. */
export function commitsOf({ home, sync }: RepositoryState, plan: Plan): readonly PlanCommit[] {
  const { files, watched, own } = plan
  if (home === undefined || own === undefined)
    return [{ step: 'commit', title: titleOf(sync.url), branch: sync.branch, files, watched }]
  const isOwn = ({ path }: FileChange) => isOwnFile(home.app, path)
  const { folder } = applicationPaths(home.app)
  const ours: PlanCommit = {
    step: 'commit',
    title: home.title,
    branch: sync.branch,
    files: files.filter(isOwn),
    watched: [folder],
  }
  const fleets: PlanCommit = {
    step: 'pointer',
    title: titleOf(home.fleet.sync.url),
    branch: home.fleet.sync.branch,
    files: files.filter(one => !isOwn(one)),
    watched,
  }
  const both = own.first === 'own' ? [ours, fleets] : [fleets, ours]
  const some = both.filter(one => one.files.length > 0)
  return some.length === 0 ? [ours] : some
}

/** The message of one of the commits: the fleet's says where the application stands. */
export function messageFor({ home }: RepositoryState, plan: Plan, commit: PlanCommit, message: string): string {
  if (commit.step !== 'pointer' || home === undefined || plan.own?.pointer === undefined) return message
  return `Add ${home.app}, which stands in ${home.title}\n`
}

/** Makes every commit of a plan. What it gives tells of the one that the cluster is followed by. */
export async function commitPlan(
  context: ServerContext,
  wish: ApplyWish,
  message: string,
  job: RunningJob,
): Promise<Written> {
  const { plan, state } = wish
  const { home } = state
  const made = plan.own?.make
  const id =
    made === undefined ? home?.id : await job.during('repository', () => makeRepository(context, state, made, job))
  let result: Written | undefined
  for (const one of commitsOf(state, plan)) {
    const { pointer } = plan.own ?? {}
    const files = one.files.map(file =>
      pointer !== undefined && id !== undefined && file.path === pointer(id).path ? pointer(id) : file,
    )
    if (one.step === 'pointer' && pointer !== undefined)
      await job.during('reach', () => proveReach(context, state, job))
    const written = await job.during(one.step, () =>
      commit(context, wish, { ...one, files }, messageFor(state, plan, one, message), id, job),
    )
    const isTheOne = one.step === 'commit' || result === undefined
    result = {
      ...(isTheOne ? written : result!),
      pushed: written.pushed || result?.pushed === true,
      request: result?.request ?? written.request,
    }
  }
  if (home === undefined || state.tip === '' || commitsOf(state, plan).some(one => one.step === 'commit'))
    return result!
  // Where only the fleet's repository changed, the cluster still comes to what the application's own has.
  const isRemoved = plan.files.some(({ path, content }) => path === pointerPath(home.app) && content === undefined)
  return isRemoved ? result! : { ...result!, commit: state.tip }
}

function commit(
  context: ServerContext,
  wish: ApplyWish,
  { step, files, watched, branch }: PlanCommit,
  message: string,
  id: string | undefined,
  job: RunningJob,
): Promise<Written> {
  const { plan, state, who } = wish
  const { home, sync } = state
  const isOwn = home !== undefined && step === 'commit'
  return context.repository
    .write({
      who,
      scopes: plan.scopes,
      from: home !== undefined && !isOwn ? home.fleet.tip : state.tip,
      watched,
      changes: files,
      message,
      key: plan.key,
      text: {
        what: message.trim().split('\n').slice(2),
        why: plan.why,
        after: 'The cluster follows this branch and applies it.',
      },
      byRequest: wish.byRequest || plan.reviewBy !== undefined,
      ...(isOwn ? { into: { app: home.app, url: sync.url, branch, id: id ?? '' } } : {}),
      onReview: event => {
        if (event.type === 'branch-left' || event.type === 'host-away') return
        job.step(step, reviewStep(event))
      },
      signal: job.signal,
    })
    .then(written => {
      const sha = written.commit?.slice(0, 7)
      const detail = written.pushed ? `${sha} on ${branch}` : 'Git says that already; nothing was committed'
      job.step(step, { detail, ...(written.pushed ? {} : { state: 'warned' }) })
      return written
    })
}
