import { ListChecks } from 'lucide-react'
import { useState } from 'react'
import type { ConnectionView } from '../../../../src/server/contract/connections.ts'
import type { Job } from '../../../../src/server/contract/live.ts'
import type { MovePlan, MoveWishView } from '../../../../src/server/contract/move.ts'
import type { RepositoryView } from '../../../../src/server/contract/repository.ts'
import { ApiError } from '../../data/api-error.ts'
import { jobEnded, useJob } from '../../data/jobs.ts'
import { useChange, useResource } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { Checklist, type StepState } from '../../ui/checklist.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import { JobSteps } from '../../ui/job-steps.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { UnifiedDiff } from '../../ui/unified-diff.tsx'
import styles from './gitops.module.css'

const planStates: Readonly<Record<MovePlan['steps'][number]['state'], StepState>> = {
  done: 'done',
  'to-do': 'waiting',
  blocked: 'failed',
  'not-run': 'not-run',
}

/** Which repository the cluster follows, and moving it here: first the plan with every file and object, then the move. */
export function FleetMove({ connection }: { connection: ConnectionView }) {
  const { data: followed } = useResource<RepositoryView>('/repository', { topics: ['repository', 'connections'] })
  const [wish, setWish] = useState<{ repository: string; branch: string; path: string }>()
  const [planned, setPlanned] = useState<{ readonly job: Job; readonly about: string }>()
  const [started, setStarted] = useState<Job>()
  const [asking, setAsking] = useState(false)
  const path = `/connections/${encodeURIComponent(connection.id)}/move`
  const plan = useChange<Job, MoveWishView>(body => ({ path: `${path}/plan`, body }), {
    onDone: (job, body) => {
      setStarted(undefined)
      setPlanned({ job, about: JSON.stringify(body) })
    },
  })
  const move = useChange<Job, MoveWishView>(body => ({ path, body }), {
    onDone: job => {
      setAsking(false)
      setStarted(job)
    },
  })
  const planJob = useLatest(planned?.job)
  const moveJob = useLatest(started)
  if (followed === undefined) return <TextSkeleton lines={4} label="Loading the repository" />
  if (followed.state === 'none' || followed.branch === undefined)
    return (
      <p className={styles.lead}>
        {followed.problem?.message ?? 'The cluster follows no repository yet.'} {followed.problem?.next}
      </p>
    )
  const here = followed.connection?.id === connection.id
  const { settings, kind } = connection
  const form = wish ?? {
    repository: here ? namesOf(followed.url) : `${settings.owner}/${settings.repository}`,
    branch: followed.branch,
    path: followed.path ?? '',
  }
  const set = (change: Partial<typeof form>): void => setWish({ ...form, ...change })
  const body: MoveWishView = {
    ...(kind === 'git' ? {} : { repository: form.repository.trim() }),
    branch: form.branch.trim(),
    path: form.path.trim(),
  }
  const ended = jobEnded(planJob)
  const found = ended ? (planJob?.result as MovePlan | undefined) : undefined
  const current = planned?.about === JSON.stringify(body)
  const ready = current && found?.steps.every(step => step.state !== 'blocked')
  const moving = moveJob !== undefined && !jobEnded(moveJob)
  const error = plan.error ?? move.error
  const looksElsewhere =
    here &&
    kind !== 'git' &&
    (settings.branch !== followed.branch || !namesOf(followed.url).endsWith(`/${settings.repository}`))
  return (
    <form
      className={styles.form}
      aria-label="Move the fleet"
      onSubmit={event => {
        event.preventDefault()
        plan.mutate(body)
      }}
    >
      <p className={styles.lead}>
        The cluster follows <code>{followed.url}</code>, branch <code>{followed.branch}</code>, folder{' '}
        <code>{followed.path === '' ? '/' : followed.path}</code>
        {here ? ', on this host.' : followed.connection === undefined ? '.' : `, by ${followed.connection.name}.`} A
        move carries all history and touches nothing that runs.
      </p>
      {looksElsewhere && (
        <p className={styles.lead}>
          The checks of {connection.name} look at <code>{settings.repository}</code>, branch{' '}
          <code>{settings.branch}</code>: change that under Settings, so that they look at what is followed.
        </p>
      )}
      <div className={styles.moveFields}>
        {kind !== 'git' && (
          <Field wide label="Repository" hint="Made, private, when it is not there.">
            <TextInput mono value={form.repository} onChange={event => set({ repository: event.target.value })} />
          </Field>
        )}
        <Field wide label="Branch">
          <TextInput mono required value={form.branch} onChange={event => set({ branch: event.target.value })} />
        </Field>
        <Field wide label="Folder">
          <TextInput mono value={form.path} onChange={event => set({ path: event.target.value })} />
        </Field>
      </div>
      <div className={styles.buttons}>
        <Button
          type="submit"
          icon={ListChecks}
          disabled={moving}
          busy={plan.isPending || (planJob !== undefined && !ended)}
        >
          Plan the move
        </Button>
        <Button
          kind="primary"
          disabled={ready !== true || moveJob?.state === 'done'}
          busy={moving || move.isPending}
          onClick={() => setAsking(true)}
        >
          Move the fleet…
        </Button>
        <span className={styles.quiet}>A plan writes nothing.</span>
      </div>
      {error !== null && <ErrorPanel error={error} />}
      {moveJob !== undefined ? (
        <>
          <JobSteps job={moveJob} label="The move" />
          {moveJob.state === 'done' && <p role="status">The cluster follows the new place.</p>}
        </>
      ) : (
        planJob !== undefined && (
          <div className={current ? undefined : styles.outdated}>
            {planJob.error !== undefined && <ErrorPanel error={new ApiError(0, planJob.error)} />}
            {found !== undefined && <Plan plan={found} />}
          </div>
        )
      )}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => move.mutate(body)}
        busy={move.isPending}
        title="Move the fleet"
        confirm="Move the fleet"
        inGit={`The commits of the plan are made; then the cluster follows ${found?.target ?? 'the new place'}.`}
      >
        <p>
          The token of {connection.name} goes into a Secret of the cluster, which fetches with it. For a deploy key, use{' '}
          <code>sluice gitops move --token-auth=false</code>.
        </p>
        <p>A move that is ended anywhere goes on when it is started again.</p>
        {move.error !== null && <ErrorPanel error={move.error} />}
      </ConfirmDialog>
    </form>
  )
}

function Plan({ plan }: { plan: MovePlan }) {
  return (
    <>
      <h3>To {plan.target}</h3>
      <Checklist
        label="The plan"
        steps={plan.steps.map(step => ({
          id: step.id,
          title: step.state === 'to-do' ? <span className={styles.todo}>{step.title}</span> : step.title,
          state: planStates[step.state],
          detail:
            step.state === 'not-run' ? undefined : (
              <>
                {step.summary}
                {step.notes.map(note => (
                  <p key={note}>{note}</p>
                ))}
                <Changes changes={step.changes} />
              </>
            ),
          ...(step.next === undefined ? {} : { next: step.next }),
        }))}
      />
    </>
  )
}

function Changes({ changes }: { changes: MovePlan['steps'][number]['changes'] }) {
  const told = changes.filter(one => one.action !== 'keep' && one.action !== 'pass')
  if (told.length === 0) return null
  return (
    <ul className={styles.changes}>
      {told.map(one => (
        <li key={`${one.kind} ${one.action} ${one.name} ${one.detail ?? ''}`}>
          {one.diff === undefined ? (
            <>
              {one.action} <code>{one.name}</code>
              {one.detail !== undefined && <span className={styles.quiet}> {one.detail}</span>}
            </>
          ) : (
            <details>
              <summary>
                {one.action} <code>{one.name}</code> <span className={styles.quiet}>{one.detail}</span>
              </summary>
              <UnifiedDiff label={`Changes of ${one.name}`} text={one.diff} />
            </details>
          )}
        </li>
      ))}
    </ul>
  )
}

function useLatest(started: Job | undefined): Job | undefined {
  const { data } = useJob(started?.id)
  return data?.id === started?.id ? (data ?? started) : started
}

/** `acme/fleet` of an address. */
function namesOf(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return ''
  return new URL(url).pathname.replace(/^\/|(\.git)?\/?$/g, '')
}
