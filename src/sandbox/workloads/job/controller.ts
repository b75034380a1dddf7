import { claim } from '../shared/claim.ts'
import { withCondition } from '../shared/conditions.ts'
import { controllerOf, keyOf, splitKey } from '../shared/owners.ts'
import { isActive, isFinished, isReady } from '../shared/pods.ts'
import { apiTime, timeOf } from '../shared/times.ts'
import type { Job, JobStatus, Pod } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { finishedCondition, type Outcome, outcomeOf, untilJobDeadline, untilReplacement } from './outcome.ts'
import { podsToStart } from './pods.ts'
import { countEnded, isTracked, type Tally, untrack } from './tracking.ts'

/** Runs Jobs to their end and removes them when their time to live is over. */
export function startJobs(world: World): void {
  const loop = world.loop('job', async key => {
    const job = world.get('Job', ...splitKey(key))
    const wait = job && (await reconcile(world, job))
    if (wait !== undefined) loop.askLater(key, wait)
  })
  world.each('Job', job => loop.ask(keyOf(job)))
  world.eachOwner('Pod', 'Job', key => loop.ask(key))
  letOrphansGo(world)
}

/** Pods whose job is gone are not held back any more: there is nothing left to count for. */
function letOrphansGo(world: World): void {
  const loop = world.loop('job-orphans', async key => {
    const pod = world.get('Pod', ...splitKey(key))
    if (!pod || !isTracked(pod)) return
    const owner = controllerOf(pod)
    const job = owner?.kind === 'Job' ? world.get('Job', pod.metadata.namespace ?? '', owner.name) : undefined
    if (job && job.metadata.uid === owner?.uid && !isDeleting(job) && !finishedCondition(job)) return
    await untrack(world, pod)
  })
  world.each('Pod', (pod, _previous, deleted) => {
    if (!deleted && isTracked(pod) && isDeleting(pod)) loop.ask(keyOf(pod))
  })
  world.each('Job', (job, _previous, deleted) => {
    if (deleted || isDeleting(job) || finishedCondition(job)) {
      for (const pod of world.owned('Pod').of(job)) if (isDeleting(pod) || deleted) loop.ask(keyOf(pod))
    }
  })
}

async function reconcile(world: World, job: Job): Promise<number | undefined> {
  if (isDeleting(job) || (job.spec.managedBy ?? 'kubernetes.io/job-controller') !== 'kubernetes.io/job-controller')
    return
  if (finishedCondition(job)) return expire(world, job)
  await claim(world, 'Job', job, 'Pod')
  const startTime = job.status?.startTime ?? apiTime(world.now())
  const tally = await countEnded(world, job, world.owned('Pod').of(job), startTime)
  const live = world.get('Job', job.metadata.namespace ?? '', job.metadata.name ?? '')
  if (!live || live.metadata.uid !== job.metadata.uid) return undefined
  // A pod that has ended since the count still holds its place: it counts in the next look.
  const active = world
    .owned('Pod')
    .of(job)
    .filter(pod => isActive(pod) || (isFinished(pod) && isTracked(pod)))
  const outcome = outcomeOf(live, tally, active, world.now())
  if (outcome) {
    await Promise.all(active.filter(isActive).map(pod => world.write.delete(pod)))
    await world.write.status(live, finalStatus(live, tally, outcome, startTime, world.now()))
    return undefined
  }
  if (job.spec.suspend === true) {
    await Promise.all(active.filter(isActive).map(pod => world.write.delete(pod)))
    await writeProgress(world, live, tally, undefined)
    return undefined
  }
  const wait = await startPods(world, live, tally, active)
  await writeProgress(world, live, tally, startTime)
  const deadline = untilJobDeadline(live, startTime, world.now())
  const waits = [wait, deadline].filter(one => one !== undefined)
  return waits.length > 0 ? Math.min(...waits) : undefined
}

/** Starts the pods that are due, and stops those that are too many; gives the wait before failed ones are replaced. */
async function startPods(world: World, job: Job, tally: Tally, active: readonly Pod[]): Promise<number | undefined> {
  const { parallelism = 1 } = job.spec
  if (active.length > parallelism) {
    await Promise.all(
      active
        .filter(isActive)
        .slice(parallelism)
        .map(pod => world.write.delete(pod)),
    )
    return undefined
  }
  const due = podsToStart(job, tally, active)
  if (due.length === 0) return undefined
  const wait = untilReplacement(world.owned('Pod').of(job), tally.failed, world.now())
  if (wait > 0) return wait
  await Promise.all(due.map(pod => world.write.create(pod)))
  return undefined
}

async function writeProgress(world: World, job: Job, tally: Tally, startTime: string | undefined): Promise<void> {
  const pods = world.owned('Pod').of(job)
  const active = pods.filter(isActive)
  const { conditions = [], startTime: _, ...rest } = job.status ?? {}
  const status: JobStatus = {
    ...rest,
    ...counts(tally),
    ...(startTime === undefined ? {} : { startTime }),
    active: active.length,
    ready: active.filter(isReady).length,
    terminating: pods.filter(pod => isDeleting(pod)).length,
    uncountedTerminatedPods: {},
    ...suspension(job, conditions, world.now()),
  }
  if (status.active === 0) delete status.active
  await world.write.status(job, status)
}

function suspension(
  job: Job,
  conditions: NonNullable<JobStatus['conditions']>,
  now: Date,
): Pick<JobStatus, 'conditions'> {
  const type = 'Suspended'
  const before = conditions.find(one => one.type === type)
  const suspended = job.spec.suspend === true
  if (!suspended && before?.status !== 'True') return conditions.length > 0 ? { conditions } : {}
  const facts = suspended
    ? ({ type, status: 'True', reason: 'JobSuspended', message: 'Job suspended' } as const)
    : ({ type, status: 'False', reason: 'JobResumed', message: 'Job resumed' } as const)
  return { conditions: withCondition(conditions, facts, now).map(one => ({ lastProbeTime: apiTime(now), ...one })) }
}

/** The last status of a job. Since Kubernetes 1.31 a condition that says how it will end comes before the one that it has. */
function finalStatus(job: Job, tally: Tally, outcome: Outcome, startTime: string, now: Date): JobStatus {
  const { type, reason, message } = outcome
  const first = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  let conditions = job.status?.conditions ?? []
  for (const one of [first, type]) {
    conditions = withCondition(conditions, { type: one, status: 'True', reason, message }, now).map(condition =>
      condition.type === one ? { ...condition, lastProbeTime: apiTime(now) } : condition,
    )
  }
  return {
    ...counts(tally),
    startTime,
    ...(type === 'Complete' ? { completionTime: apiTime(now) } : {}),
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
    conditions,
  }
}

function counts(tally: Tally): JobStatus {
  return {
    ...(tally.succeeded > 0 ? { succeeded: tally.succeeded } : {}),
    ...(tally.failed > 0 ? { failed: tally.failed } : {}),
    ...(tally.completedIndexes === '' ? {} : { completedIndexes: tally.completedIndexes }),
  }
}

/** Removes a job that is over when its time to live is, in milliseconds from now otherwise. */
async function expire(world: World, job: Job): Promise<number | undefined> {
  const { ttlSecondsAfterFinished } = job.spec
  const ended = timeOf(job.status?.completionTime ?? finishedCondition(job)?.lastTransitionTime)
  if (ttlSecondsAfterFinished === undefined || ended === undefined) return undefined
  const left = ended + ttlSecondsAfterFinished * 1000 - world.now().getTime()
  if (left > 0) return left
  await world.write.delete(job)
  return undefined
}
