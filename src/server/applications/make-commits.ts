import { pointerFileOf } from '../../apps/index.ts'
import type { ServerContext } from '../context.ts'
import type { ChangeResult } from '../contract/change-result.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { reviewStep } from '../jobs/review-step.ts'
import { giveKey } from './give-key.ts'
import { makeRepository } from './make-repository.ts'
import type { OwnRun, PlanRun, RunCommit } from './plan-run.ts'
import { proveReach } from './prove-reach.ts'
import { takeKey } from './take-key.ts'

export interface Committed extends Pick<ChangeResult, 'commit' | 'request'> {
  /** Whether something of it is this change's. */
  readonly isOurs: boolean
}

/**
 * Makes every commit of a plan, and before them the repository that they go to. What it gives tells of the one that the cluster is
 * followed by. What is done for good is remembered: a server that goes on with it does that not again.
 */
export async function makeCommits(context: ServerContext, run: PlanRun, job: RunningJob): Promise<Committed> {
  const { own, commits, standing, app } = run
  const id = own?.make === undefined ? own?.id : await repositoryId(context, run, { ...own, make: own.make }, job)
  await giveKeyOnce(context, run, id, job)
  let result: Committed = { commit: undefined, isOurs: false }
  for (const [at, one] of commits.entries()) {
    const pointer = one.step === 'pointer' ? own?.pointer : undefined
    let { files } = one
    if (pointer !== undefined && own !== undefined && id !== undefined) {
      const named = pointerFileOf(app, { ...pointer, id })
      files = files.map(file => (file.path === named.path ? named : file))
      if (run.again?.pointer === undefined)
        await job.during('reach', () => proveReach(context, { ...own, project: run.project }, job))
      else job.step('reach', { state: 'done' })
    }
    const made = await job.during(one.step, () => committed(context, run, { ...one, files }, id, job))
    if (made.isOurs && made.commit !== undefined) await job.remember({ [one.step]: made.commit })
    const isTheOne = at === 0 || one.step === 'commit'
    const request = result.request ?? made.request
    result = {
      commit: isTheOne ? made.commit : result.commit,
      isOurs: result.isOurs || made.isOurs,
      ...(request === undefined ? {} : { request }),
    }
  }
  await takeKeyOnce(context, run, job)
  return standing === undefined ? result : { ...result, commit: standing }
}

/** The host's id of the repository that a plan makes. */
async function repositoryId(
  context: ServerContext,
  { app, project, again }: PlanRun,
  own: OwnRun & { readonly make: NonNullable<OwnRun['make']> },
  job: RunningJob,
): Promise<string> {
  const made = again?.repository
  const id = await job.during('repository', async () =>
    made === undefined ? makeRepository(context, { ...own, app, project }, job) : made,
  )
  await job.remember({ repository: id })
  return id
}

/** The key is there before the first commit: where it cannot be, nothing is committed. */
async function giveKeyOnce(
  context: ServerContext,
  { app, project, own, again }: PlanRun,
  id: string | undefined,
  job: RunningJob,
): Promise<void> {
  const key = own?.key
  if (own === undefined || key?.action !== 'give' || id === undefined) return
  const made = again?.key
  const fingerprint = await job.during('key', async () =>
    made === undefined ? giveKey(context, { ...own, app, project, id, key }, job) : made,
  )
  await job.remember({ key: fingerprint })
}

/** The key is taken after the commit that stops following the repository. */
async function takeKeyOnce(context: ServerContext, { app, project, own }: PlanRun, job: RunningJob): Promise<void> {
  const key = own?.key
  if (own === undefined || key?.action !== 'take') return
  await job.during('key', () => takeKey(context, { ...own, app, project, key }, job))
}

async function committed(
  context: ServerContext,
  run: PlanRun,
  commit: RunCommit,
  id: string | undefined,
  job: RunningJob,
): Promise<Committed> {
  const { step, branch } = commit
  const tell = (sha: string | undefined) => job.step(step, { detail: `${sha?.slice(0, 7)} on ${branch}` })
  const before = run.again?.[step]
  if (before !== undefined) {
    tell(before)
    return { commit: before, isOurs: true }
  }
  const written = await write(context, run, commit, id, job)
  const { request } = written
  const result = request && { request: { url: request.url, title: request.title, state: request.state } }
  if (written.pushed) {
    tell(written.commit)
    return { commit: written.commit, isOurs: true, ...result }
  }
  const earlier = run.again === undefined ? undefined : await earlierCommit(context, run, commit, written.commit)
  if (earlier !== undefined) {
    tell(earlier)
    return { commit: earlier, isOurs: true, ...result }
  }
  job.step(step, { detail: 'Git says that already; nothing was committed', state: 'warned' })
  return { commit: written.commit, isOurs: false, ...result }
}

/** The application's own repository, when that is where a commit goes. */
function ownOf({ own }: PlanRun, { step }: RunCommit): OwnRun | undefined {
  return step === 'commit' ? own : undefined
}

function write(
  context: ServerContext,
  run: PlanRun,
  commit: RunCommit,
  id: string | undefined,
  job: RunningJob,
): ReturnType<ServerContext['repository']['write']> {
  const { who, scopes, key, why, app, byRequest } = run
  const { step, from, branch, watched, files, message } = commit
  const own = ownOf(run, commit)
  return context.repository.write({
    who,
    scopes,
    from,
    watched,
    changes: files,
    message,
    key,
    text: { what: message.trim().split('\n').slice(2), why, after: 'The cluster follows this branch and applies it.' },
    byRequest,
    ...(own === undefined ? {} : { into: { app, url: own.url, branch, id: id ?? '' } }),
    onReview: event => {
      const told = reviewStep(event)
      if (told !== undefined) job.step(step, told)
    },
    signal: job.signal,
  })
}

/** The commit that the server before made and could not write down: the last one that touched what the plan changes. */
async function earlierCommit(
  { repository, signal }: ServerContext,
  run: PlanRun,
  commit: RunCommit,
  now: string | undefined,
): Promise<string | undefined> {
  const { from, files } = commit
  const [file] = files
  if (file === undefined || now === undefined || now === from) return undefined
  const url = ownOf(run, commit)?.url ?? (await repository.read()).sync.url
  const mirror = await repository.reach.mirror(url)
  const [last] = await mirror.log(now, { path: file.path, limit: 1, signal })
  if (last === undefined || last.sha === from) return undefined
  // A repository that was empty has nothing that was there before.
  const isSince = from === '' || (await mirror.holds(last.sha, from).catch(() => false))
  return isSince ? last.sha : undefined
}
