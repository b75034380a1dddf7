import { GitCommitHorizontal, GitPullRequest } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Job } from '../../../../src/server/contract/live.ts'
import { jobEnded, useJob } from '../../data/jobs.ts'
import { useChange } from '../../data/resource.ts'
import { useDrawer } from '../../frame/drawer.tsx'
import { useGate } from '../../gate/gate-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { JobSteps } from '../../ui/job-steps.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import styles from './fleet.module.css'
import { Preview, usePreview } from './preview.tsx'
import { fleetPlace } from './words.ts'

/**
 * Shows the commit that a wish makes before it makes it, then follows it until the cluster agrees. Which job is followed is
 * part of the address.
 */
export function ChangeForm({
  cluster,
  path,
  wish,
  tip,
  ms,
  hint,
  done,
  onReset,
}: {
  cluster: string
  /** Of the route that makes the change; `/preview` after it works it out. */
  path: string
  /** Undefined: nothing is wished for yet. */
  wish: object | undefined
  tip: string | undefined
  ms?: number
  /** In place of the preview while nothing is wished for. */
  hint: ReactNode
  /** What is done when the job has ended well. */
  done: string
  onReset: () => void
}) {
  const job = useDrawer('job')
  const gate = useGate(fleetPlace(cluster))
  const preview = usePreview(`${path}/preview`, job.shown === undefined && gate?.open ? wish : undefined, tip, ms)
  const start = useChange<Job, object>(body => ({ path, body }), { onDone: started => job.show(started.id) })
  if (job.shown !== undefined) {
    return (
      <Followed
        id={job.shown}
        done={done}
        onClose={() => {
          job.close()
          start.reset()
          onReset()
        }}
      />
    )
  }
  if (wish === undefined) return <div className={styles.muted}>{hint}</div>
  if (gate === undefined || !gate.open) return null
  const change = preview.data
  const plan = change?.plan
  const ready =
    preview.current &&
    plan !== undefined &&
    plan.diff !== '' &&
    change?.refusal === undefined &&
    change?.problems.length === 0
  const byRequest = plan?.review !== undefined
  return (
    <div className={styles.change}>
      <Preview change={change} error={preview.error} busy={!preview.current} />
      {start.error !== null && <ErrorPanel error={start.error} />}
      <div className={styles.buttons}>
        <Button
          kind="primary"
          icon={byRequest ? GitPullRequest : GitCommitHorizontal}
          disabled={!ready}
          busy={start.isPending}
          onClick={() => start.mutate(wish)}
        >
          {byRequest ? 'Open pull request' : `Commit to ${plan?.branch ?? 'main'}`}
        </Button>
        <Button kind="plain" onClick={onReset}>
          Discard
        </Button>
      </div>
    </div>
  )
}

function Followed({ id, done, onClose }: { id: string; done: string; onClose: () => void }) {
  const { data: job, error } = useJob(id)
  if (error !== null && job === undefined) return <ErrorPanel error={error} />
  if (job === undefined) return <TextSkeleton lines={4} label="Following the commit" />
  return (
    <div className={styles.change}>
      <JobSteps job={{ ...job, steps: job.steps.map(withoutEmpty) }} label="From commit to Ready" />
      <div className={styles.buttons}>
        {jobEnded(job) && <Button onClick={onClose}>{job.state === 'done' ? done : 'Back'}</Button>}
      </div>
      <p className="visually-hidden" role="status">
        {job.state === 'done' ? 'The cluster agrees with Git.' : ''}
      </p>
    </div>
  )
}

/** A step whose wait is over has nothing more to say. */
function withoutEmpty({ detail, ...step }: Job['steps'][number]): Job['steps'][number] {
  return detail === undefined || detail === '' ? step : { ...step, detail }
}
