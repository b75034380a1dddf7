import { ArrowRight, ListChecks, Play, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import type { FleetAddDone } from '../../../../../src/server/contract/fleet-add.ts'
import type { Job } from '../../../../../src/server/contract/live.ts'
import { ApiError } from '../../../data/api-error.ts'
import { jobEnded, useJob } from '../../../data/jobs.ts'
import { useChange } from '../../../data/resource.ts'
import { Button, LinkButton } from '../../../ui/button.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { JobSteps } from '../../../ui/job-steps.tsx'
import { Revision } from '../../../ui/revision.tsx'
import { SafeLink } from '../../../ui/safe-link.tsx'
import { Facts, Section } from '../../../ui/section.tsx'
import { TextSkeleton } from '../../../ui/skeleton.tsx'
import { clusterHref } from '../words.ts'
import styles from './add.module.css'

/** A plan that is carried out, step by step; where it ends before its end, the button that goes on. */
export function Run({
  job: id,
  plan,
  onAgain,
  onBack,
  onNew,
}: {
  job: string
  plan: string | undefined
  onAgain: (job: string) => void
  onBack: () => void
  onNew: () => void
}) {
  const { data, error } = useJob(id)
  const job = data?.id === id ? data : undefined
  const again = useChange<Job>(() => ({ path: '/fleet/add/apply', body: { plan } }), {
    onDone: next => onAgain(next.id),
  })
  const cancel = useChange<Job>(() => ({ path: `/jobs/${encodeURIComponent(id)}/cancel` }))
  const place = useRef<HTMLDivElement>(null)
  const isThere = job !== undefined
  useEffect(() => {
    // The button that was pressed is gone with its page.
    if (isThere && document.activeElement === document.body) place.current?.focus({ preventScroll: true })
    if (isThere) window.scrollTo(0, 0)
  }, [isThere])
  if (job === undefined) {
    if (error !== null)
      return (
        <ErrorPanel error={error}>
          <Button onClick={onNew}>Back to the form</Button>
        </ErrorPanel>
      )
    return <TextSkeleton lines={6} label="Following the plan" />
  }
  const ended = jobEnded(job)
  const moved = job.error?.code === 'E_BOOTSTRAP_PLAN_MOVED'
  const done = job.state === 'done' ? (job.result as FleetAddDone | undefined) : undefined
  return (
    <div ref={place} tabIndex={-1} className={styles.run}>
      <Section
        title={titleOf(job, done)}
        lead={
          ended
            ? undefined
            : 'You may leave this page: it goes on. What is done stays, and a run that is ended anywhere goes on from there.'
        }
      >
        <JobSteps job={job} label="What is done" who="The host" />
        {job.error?.code === 'E_SERVER_ENDED' && <ErrorPanel error={new ApiError(0, job.error)} />}
        {again.error !== null && <ErrorPanel error={again.error} />}
        {cancel.error !== null && <ErrorPanel error={cancel.error} />}
        {done !== undefined && <Done done={done} />}
        <div className={styles.bar}>
          {!ended && (
            <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>
              Stop
            </Button>
          )}
          {ended && done === undefined && (
            <>
              {!moved && plan !== undefined && (
                <Button kind="primary" icon={Play} busy={again.isPending} onClick={() => again.mutate()}>
                  Go on
                </Button>
              )}
              <Button kind={moved ? 'primary' : 'quiet'} icon={ListChecks} onClick={onBack}>
                {moved ? 'Plan again' : 'Back to the plan'}
              </Button>
            </>
          )}
          {done?.page !== undefined ? (
            <LinkButton kind="primary" icon={ArrowRight} to={clusterHref(done.page)}>
              Go to {done.page.name}
            </LinkButton>
          ) : (
            done !== undefined && (
              <LinkButton
                kind="primary"
                icon={ArrowRight}
                to={done.own && done.kind === 'bootstrap' ? '/reconciliation' : '/fleet'}
              >
                {done.own && done.kind === 'bootstrap' ? 'See what it applies' : 'Go to the fleet'}
              </LinkButton>
            )
          )}
          {done !== undefined && <Button onClick={onNew}>Add another</Button>}
        </div>
      </Section>
    </div>
  )
}

function titleOf({ kind }: Job, done: FleetAddDone | undefined): string {
  if (kind === 'fleet.import') return done === undefined ? 'Importing the repository' : 'The repository is imported'
  return done === undefined ? 'Bringing the cluster under Git' : 'The cluster is under Git'
}

function Done({ done }: { done: FleetAddDone }) {
  const { kind, url, branch, path, commit, pullRequest, engine } = done
  return (
    <div className={styles.stack}>
      <p role="status" className={styles.doneWords}>
        {kind === 'import' ? 'Sluice manages the repository.' : 'The cluster agrees with Git.'}
      </p>
      <Facts
        facts={[
          { name: 'Repository', value: <code>{url}</code> },
          { name: 'Branch', value: <code>{branch}</code> },
          ...(path === undefined ? [] : [{ name: 'Folder', value: <code>{path}</code> }]),
          ...(engine === undefined ? [] : [{ name: 'Engine', value: engine }]),
          ...(commit === undefined ? [] : [{ name: 'Commit', value: <Revision hash={commit} /> }]),
          ...(pullRequest === undefined
            ? []
            : [{ name: 'Reviewed in', value: <SafeLink href={pullRequest}>{pullRequest}</SafeLink> }]),
        ]}
      />
      {done.engineEnded && (
        <p className={styles.attention}>
          <TriangleAlert size={16} aria-hidden />
          <span>
            No engine goes on by itself on this cluster: the one that brought it here ran beside this job. Start{' '}
            <code>sluice engine</code> for it, or plan it again with an engine in the cluster.
          </span>
        </p>
      )}
      {!done.own && kind === 'bootstrap' && (
        <p className={styles.quiet}>
          This server looks at its own cluster alone. For this one, start another with{' '}
          <code>sluice serve --kubeconfig FILE</code>. Its kubeconfig is forgotten by now.
        </p>
      )}
      {!done.own && kind === 'import' && (
        <p className={styles.quiet}>
          The cluster of this server does not follow this repository: see <Link href="/fleet">the fleet</Link> for what
          it follows.
        </p>
      )}
    </div>
  )
}
