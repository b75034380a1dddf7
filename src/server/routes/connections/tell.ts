import { type CheckLine, type ForgeKind, plannedChecks } from '../../../forges/index.ts'
import type { JobStep, RunningJob } from '../../jobs/jobs.ts'

const states: Readonly<Record<CheckLine['status'], JobStep['state']>> = {
  pass: 'done',
  warn: 'warned',
  fail: 'failed',
  'not-run': 'not-run',
}

/** Tells the lines of a diagnosis as steps of a job, and which one is looked at meanwhile. */
export function checkTeller(
  job: RunningJob,
  kind: ForgeKind,
  words: (fix: string) => string = onPage,
): (line: CheckLine) => void {
  const left = new Set(plannedChecks(kind).map(check => check.id))
  const next = () => {
    const [first] = left
    if (first !== undefined) job.step(first, { state: 'running' })
  }
  next()
  return line => {
    job.step(line.id, stepOf(line, words))
    left.delete(line.id)
    if (line.status !== 'not-run') next()
  }
}

function stepOf(line: CheckLine, words: (fix: string) => string): Omit<JobStep, 'id'> {
  return {
    title: line.title,
    state: states[line.status],
    ms: line.ms,
    ...(line.detail === undefined ? {} : { detail: line.detail }),
    ...(line.hostSaid === undefined ? {} : { said: line.hostSaid }),
    ...(line.fix === undefined ? {} : { next: words(line.fix) }),
  }
}

/** What to do, in the words of a page that has a form and a button: commands and spec files have others. */
export function onPage(fix: string): string {
  return fix
    .replaceAll('run the command again', 'validate again')
    .replace('Check the owner in the spec: it is', 'Check the owner: it is')
    .replace(/\bset personal: true\b/gi, 'say that the owner is the account of the token')
    .replace(/\bset personal: false\b/gi, 'say that the owner is not the account of the token')
    .replace(/\bwith personal: true\b/gi, 'as the owner')
    .replace(/^s/, 'S')
}
