import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { ChangeResult } from '../../../../src/server/contract/change-result.ts'
import { jobEnded, useJob } from '../../data/jobs.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { JobSteps } from '../../ui/job-steps.tsx'
import { Revision } from '../../ui/revision.tsx'
import { SafeLink } from '../../ui/safe-link.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import styles from './changes.module.css'
import { CulpritView } from './culprit.tsx'

/** The way of a change from the commit to healthy, step by step, and what is to blame where it did not get there. */
export function FollowChange({
  job: id,
  onDone,
  doneWords = 'Done',
}: {
  job: string
  onDone?: (() => void) | undefined
  doneWords?: string | undefined
}) {
  const { data: job, error } = useJob(id)
  const client = useQueryClient()
  const ended = jobEnded(job)
  // The page under the drawer shows what came of it, also where no live event says so.
  useEffect(() => {
    if (ended) client.invalidateQueries({ queryKey: ['api'] })
  }, [ended, client])
  if (job === undefined) return error === null ? <TextSkeleton lines={6} /> : <ErrorPanel error={error} />
  const result = resultOf(job.result)
  return (
    <div className={styles.review}>
      <JobSteps job={job} label="Steps of the change" who="The cluster" />
      {result?.commit !== undefined && <Revision hash={result.commit} />}
      {result?.request !== undefined && (
        <p>
          <SafeLink href={result.request.url}>{result.request.title}</SafeLink> ({result.request.state})
        </p>
      )}
      {result?.environments.map(
        one =>
          one.culprit !== undefined && (
            <div key={one.environment} className={styles.blamed}>
              <CulpritView culprit={one.culprit} />
            </div>
          ),
      )}
      <p role="status" className={styles.note}>
        {job.state === 'running' && 'You can close this: it goes on, and the page shows where it is.'}
        {job.state === 'done' && 'It is done.'}
        {job.state === 'failed' &&
          'It did not get there. What is in Git stays as it is now; the history can take it back.'}
        {job.state === 'cancelled' && 'Nobody follows it any more; the cluster goes on by itself.'}
      </p>
      {job.state !== 'running' && onDone !== undefined && (
        <div>
          <Button kind="primary" onClick={onDone}>
            {doneWords}
          </Button>
        </div>
      )}
    </div>
  )
}

function resultOf(result: unknown): ChangeResult | undefined {
  return typeof result === 'object' && result !== null && Array.isArray((result as ChangeResult).environments)
    ? (result as ChangeResult)
    : undefined
}
