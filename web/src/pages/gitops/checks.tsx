import type { ForgeKindName, ProofView } from '../../../../src/server/contract/connections.ts'
import type { Job } from '../../../../src/server/contract/live.ts'
import { ApiError } from '../../data/api-error.ts'
import { Checklist, type Step, type StepState } from '../../ui/checklist.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { hostNames } from './hosts.ts'
import { LinkedWords } from './linked-words.tsx'

interface HostProps {
  readonly kind: ForgeKindName
  readonly host: string
}

const states: Readonly<Record<ProofView['lines'][number]['status'], StepState>> = {
  pass: 'done',
  fail: 'failed',
  warn: 'warned',
  'not-run': 'not-run',
}

/** The checks of a proof that was kept. */
export function ProofChecks({ proof, ...at }: { proof: ProofView } & HostProps) {
  const steps = proof.lines.map(line => ({
    id: line.id,
    title: line.title,
    state: states[line.status],
    ms: line.status === 'not-run' ? undefined : line.ms,
    detail: line.detail,
    said: line.hostSaid,
    next: line.fix,
  }))
  return <Checklist label="Checks" steps={steps.map(step => shown(step, at))} />
}

/** The checks of a job, as they are made. */
export function JobChecks({ job, ...at }: { job: Job } & HostProps) {
  const told = job.steps.some(step => step.state === 'failed')
  return (
    <>
      <Checklist label="Checks" steps={job.steps.map(step => shown(step, at))} />
      {job.error !== undefined && !told && <ErrorPanel error={new ApiError(0, job.error)} />}
    </>
  )
}

interface Told {
  readonly id: string
  readonly title: string
  readonly state: StepState
  readonly ms?: number | undefined
  readonly detail?: string | undefined
  readonly said?: string | undefined
  readonly next?: string | undefined
}

/** The meaning, the host's own words, and what to do: each once. */
function shown({ id, title, state, ms, detail, said, next }: Told, { kind, host }: HostProps): Step {
  // What a check waits for is said by its being not run.
  const tells = state !== 'not-run'
  return {
    id,
    title,
    state,
    ...(ms === undefined || !tells ? {} : { ms }),
    ...(detail === undefined || !tells ? {} : { detail: <LinkedWords text={detail} kind={kind} host={host} /> }),
    ...(said === undefined ? {} : { said, who: kind === 'git' ? 'The server' : hostNames[kind] }),
    ...(next === undefined ? {} : { next: <LinkedWords text={next} kind={kind} host={host} /> }),
  }
}
