import { isAlreadyExists } from '../../../kube/client/index.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { finishedCondition } from '../job/outcome.ts'
import { controllerReference, keyOf, splitKey } from '../shared/owners.ts'
import { apiTime, timeOf } from '../shared/times.ts'
import type { CronJob, Job } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { latestDue, parseSchedule, type Schedule } from './schedule.ts'

const scheduledAt = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
const component = 'cronjob-controller'
/** The controller looks just after the minute, so that it never comes a moment too soon. */
const afterTheMinuteMs = 100

/** Makes the Jobs of CronJobs when they are due, and removes those that are beyond the history limits. */
export function startCronJobs(world: World): void {
  const loop = world.loop('cron-job', async key => {
    const cron = world.get('CronJob', ...splitKey(key))
    const wait = cron && (await reconcile(world, cron))
    if (wait !== undefined) loop.askLater(key, wait)
  })
  world.each('CronJob', cron => loop.ask(keyOf(cron)))
  world.eachOwner('Job', 'CronJob', key => loop.ask(key))
}

async function reconcile(world: World, cron: CronJob): Promise<number | undefined> {
  if (isDeleting(cron)) return undefined
  const jobs = world.owned('Job').of(cron)
  await trimHistory(world, cron, jobs)
  const schedule = parseSchedule(cron.spec.schedule, cron.spec.timeZone)
  const now = world.now()
  let lastScheduleTime = cron.status?.lastScheduleTime
  if (schedule && cron.spec.suspend !== true) {
    const due = dueTime(cron, schedule, now)
    if (due && (await startJob(world, cron, jobs.filter(isRunning), due))) lastScheduleTime = apiTime(due)
  }
  await writeStatus(world, cron, lastScheduleTime)
  if (!schedule || cron.spec.suspend === true) return undefined
  const next = schedule.next(now)
  return next && next.getTime() - now.getTime() + afterTheMinuteMs
}

/** The time for which a job is missing; one whose starting deadline has passed is let go. */
function dueTime(cron: CronJob, schedule: Schedule, now: Date): Date | undefined {
  const last = timeOf(cron.status?.lastScheduleTime) ?? timeOf(cron.metadata.creationTimestamp) ?? now.getTime()
  const { startingDeadlineSeconds } = cron.spec
  const since =
    startingDeadlineSeconds === undefined ? last : Math.max(last, now.getTime() - startingDeadlineSeconds * 1000)
  return latestDue(schedule, new Date(since), now)
}

/** False when an earlier job still runs and the policy says to wait. */
async function startJob(world: World, cron: CronJob, running: readonly Job[], due: Date): Promise<boolean> {
  const { concurrencyPolicy } = cron.spec
  if (concurrencyPolicy === 'Forbid' && running.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    world.events.record(cron, { type: 'Normal', reason: 'JobAlreadyActive', message, component })
    return false
  }
  if (concurrencyPolicy === 'Replace') await Promise.all(running.map(job => world.write.delete(job)))
  const job = jobOf(cron, due)
  try {
    await world.write.create(job)
    const message = `Created job ${job.metadata.name}`
    world.events.record(cron, { type: 'Normal', reason: 'SuccessfulCreate', message, component })
  } catch (error) {
    // The name tells the time, so it was made for this time already.
    if (!isAlreadyExists(error)) throw error
  }
  return true
}

/** The job of a time. Its name holds the minutes since 1970, so that a time can have but one. */
function jobOf(cron: CronJob, due: Date): KubeObject {
  const { metadata, spec } = cron.spec.jobTemplate
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${cron.metadata.name}-${Math.floor(due.getTime() / 60_000)}`,
      namespace: cron.metadata.namespace ?? '',
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, [scheduledAt]: apiTime(due) },
      ownerReferences: [controllerReference('CronJob', cron)],
    },
    spec,
  }
}

async function writeStatus(world: World, cron: CronJob, lastScheduleTime: string | undefined): Promise<void> {
  const jobs = world.owned('Job').of(cron)
  const active = jobs.filter(isRunning).map(({ metadata }) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
  }))
  const known = new Map((cron.status?.active ?? []).map(one => [(one as { uid?: string }).uid, one]))
  const ends = jobs
    .filter(job => finishedCondition(job)?.type === 'Complete')
    .map(job => job.status?.completionTime ?? '')
    .filter(time => time !== '')
  const lastSuccessfulTime = [...ends, cron.status?.lastSuccessfulTime ?? ''].sort().at(-1)
  await world.write.status(cron, {
    // A reference stays as it was made: the version of a job changes all the time.
    ...(active.length > 0 ? { active: active.map(one => known.get(one.uid) ?? one) } : {}),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
  })
}

async function trimHistory(world: World, cron: CronJob, jobs: readonly Job[]): Promise<void> {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cron.spec
  for (const [type, limit] of [
    ['Complete', successfulJobsHistoryLimit],
    ['Failed', failedJobsHistoryLimit],
  ] as const) {
    const ended = jobs.filter(job => finishedCondition(job)?.type === type && !isDeleting(job)).sort(byStart)
    for (const job of ended.slice(0, Math.max(0, ended.length - limit))) await world.write.delete(job)
  }
}

function isRunning(job: Job): boolean {
  return !finishedCondition(job) && !isDeleting(job)
}

function byStart(a: Job, b: Job): number {
  const start = (job: Job) => job.status?.startTime ?? job.metadata.creationTimestamp ?? ''
  return start(a).localeCompare(start(b)) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '')
}
