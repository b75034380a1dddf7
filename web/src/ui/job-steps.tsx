import type { Job } from '../../../src/server/contract/live.ts'
import { ApiError } from '../data/api-error.ts'
import { Checklist, type Step } from './checklist.tsx'
import { ErrorPanel } from './error-panel.tsx'
import { SafeLink } from './safe-link.tsx'

/** The steps of a job as they are taken, and what it failed at where no step says so. */
export function JobSteps({ job, label, who }: { job: Job; label: string; who?: string }) {
  const told = job.steps.some(step => step.state === 'failed')
  return (
    <>
      <Checklist label={label} steps={job.steps.map(step => withLink({ ...step, ...(who && { who }) }))} />
      {job.error !== undefined && !told && <ErrorPanel error={new ApiError(0, job.error)} />}
    </>
  )
}

function withLink({ link, ...step }: Job['steps'][number] & { who?: string }): Step {
  if (link === undefined) return step
  return {
    ...step,
    detail: (
      <>
        {step.detail !== undefined && step.detail !== '' && <>{step.detail}: </>}
        <SafeLink href={link.url}>{link.title}</SafeLink>
      </>
    ),
  }
}
