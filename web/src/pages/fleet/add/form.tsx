import { GitCommitHorizontal, GitPullRequest, ListChecks } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ConnectionView } from '../../../../../src/server/contract/connections.ts'
import type { FleetAddPlan, FleetAddStart, FleetAddWishInput } from '../../../../../src/server/contract/fleet-add.ts'
import type { Job } from '../../../../../src/server/contract/live.ts'
import { jobEnded, useJob } from '../../../data/jobs.ts'
import { useChange } from '../../../data/resource.ts'
import { ActionBar } from '../../../ui/action-bar.tsx'
import { Button } from '../../../ui/button.tsx'
import { RadioCards } from '../../../ui/choices.tsx'
import { cx } from '../../../ui/class-names.ts'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { Field } from '../../../ui/field.tsx'
import { TextInput } from '../../../ui/inputs.tsx'
import { JobSteps } from '../../../ui/job-steps.tsx'
import { Section } from '../../../ui/section.tsx'
import { hostNames } from '../../gitops/hosts.ts'
import styles from './add.module.css'
import { ClusterChoice } from './cluster-choice.tsx'
import { EngineChoice } from './engine-choice.tsx'
import { Place } from './place.tsx'
import { Plan, Refusal } from './plan.tsx'
import { Specs } from './specs.tsx'
import { useCheck } from './use-check.ts'
import { type Form, missing, wishOf } from './wish.ts'

const kinds = [
  { value: 'specs', title: 'From specs', text: 'Clusters of EKS Anywhere, or a ClusterConfig of eksctl.' },
  { value: 'any', title: 'Any Kubernetes cluster', text: 'It follows a folder of a repository; no specs are needed.' },
  {
    value: 'import',
    title: 'An existing repository',
    text: 'Made by eksctl anywhere or flux bootstrap: it is imported, and nothing that runs changes.',
  },
] as const

/** What a cluster is and where it goes; then its checks and its plan, which is carried out as it was seen. */
export function AddForm({
  first,
  planJob: firstJob,
  start,
  connections,
  usual,
  onPlan,
  onJob,
}: {
  first: Form
  /** The job that planned `first`. */
  planJob: string | undefined
  start: FleetAddStart
  connections: readonly ConnectionView[]
  /** The connection that is used unless another one is chosen. */
  usual: string
  onPlan: (plan: string | undefined) => void
  onJob: (plan: string, job: string) => void
}) {
  const [typed, setForm] = useState(first)
  const form = typed.connection === '' ? { ...typed, connection: usual } : typed
  const set = (change: Partial<Form>): void => setForm(before => ({ ...before, ...change }))
  const wish = wishOf(form)
  const { check, busy, error: checkError } = useCheck(wish)
  const [planned, setPlanned] = useState(
    firstJob === undefined ? undefined : { job: firstJob, about: JSON.stringify(wishOf(first)) },
  )
  const ask = useChange<Job, FleetAddWishInput>(body => ({ path: '/fleet/add/plan', body }), {
    onDone: (job, body) => setPlanned({ job: job.id, about: JSON.stringify(body) }),
  })
  const apply = useChange<Job, string>(plan => ({ path: '/fleet/add/apply', body: { plan } }), {
    onDone: (job, plan) => onJob(plan, job.id),
  })
  const planJob = useJob(planned?.job).data
  const shown = planJob?.id === planned?.job ? planJob : undefined
  const ended = jobEnded(shown)
  const plan = ended ? (shown?.result as FleetAddPlan | undefined) : undefined
  const current = planned?.about === JSON.stringify(wish)
  const why = missing(form, busy ? undefined : check, start.cluster !== undefined)
  const connection = connections.find(one => one.id === form.connection)
  const id = plan?.plan
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address follows the plan alone
  useEffect(() => {
    if (id !== undefined) onPlan(id)
  }, [id])
  const planning = ask.isPending || (planned !== undefined && !ended)
  const submit = (change: Partial<Form> = {}): void => {
    set(change)
    ask.mutate(wishOf({ ...form, ...change }))
  }
  const ready = current && plan !== undefined && plan.refusal === undefined && !plan.done
  const byRequest = plan?.commit.review !== undefined
  return (
    <form
      className={styles.form}
      aria-label="Add a cluster"
      onSubmit={event => {
        event.preventDefault()
        if (why === undefined && !planning) submit()
      }}
    >
      <Section title="What it is">
        <RadioCards
          label="What it is"
          columns={3}
          choices={kinds}
          value={form.what}
          onChange={what => set({ what, adopt: false, setCounts: false })}
        />
        {form.what === 'specs' && <Specs files={form.files} check={check} onChange={files => set({ files })} />}
        {form.what === 'any' && (
          <div className={styles.two}>
            <Field
              label="Name"
              error={check?.problems.find(one => one.field === 'name')?.message}
              hint="What the cluster is called here and in Git."
            >
              <TextInput mono value={form.name} maxLength={63} onChange={event => set({ name: event.target.value })} />
            </Field>
          </div>
        )}
      </Section>
      {form.what !== 'import' && (
        <Section title="Which cluster follows it">
          <ClusterChoice form={form} start={start} check={check} onChange={set} />
        </Section>
      )}
      <Section title={form.what === 'import' ? 'Where it is' : 'Where it goes'}>
        <Place form={form} connections={connections} check={check} onChange={set} />
      </Section>
      {form.what !== 'import' && (
        <Section title="What keeps it in line with Git">
          <EngineChoice form={form} start={start} check={check} onChange={set} />
        </Section>
      )}
      <Section
        title="Checks and plan"
        lead="Asks the Git host and the cluster, and compares every file and object. It writes nothing."
      >
        <div className={styles.bar}>
          <Button
            type="submit"
            kind={current && plan !== undefined ? 'quiet' : 'primary'}
            icon={ListChecks}
            disabled={why !== undefined}
            busy={planning}
          >
            {planned === undefined ? 'Check and plan' : 'Check and plan again'}
          </Button>
          <span role="status" className={styles.quiet}>
            {why ?? (planned !== undefined && !current && ended ? 'The plan below is of other settings.' : '')}
          </span>
        </div>
        {checkError !== undefined && <ErrorPanel error={checkError} />}
        {ask.error !== null && <ErrorPanel error={ask.error} />}
        {shown !== undefined && (
          <div className={cx(styles.stack, !current && ended && styles.outdated)}>
            <JobSteps
              job={shown}
              label="Checks"
              who={connection === undefined || connection.kind === 'git' ? 'The host' : hostNames[connection.kind]}
            />
          </div>
        )}
      </Section>
      {plan !== undefined && (
        <Section
          title="The plan"
          lead={
            plan.done || plan.refusal !== undefined
              ? undefined
              : 'Exactly this is done. When Git or the cluster moves before you start it, it is refused, and planned again.'
          }
        >
          <div className={cx(styles.stack, !current && styles.outdated)}>
            {plan.refusal !== undefined && (
              <Refusal
                refusal={plan.refusal}
                allowed={plan.refusal.allowedBy !== undefined && form[plan.refusal.allowedBy]}
                onAllow={allow => plan.refusal?.allowedBy && set({ [plan.refusal.allowedBy]: allow })}
                action={
                  <Button
                    disabled={plan.refusal.allowedBy === undefined || !form[plan.refusal.allowedBy]}
                    busy={planning}
                    onClick={() => submit()}
                  >
                    Plan again
                  </Button>
                }
              />
            )}
            <Plan plan={plan} />
          </div>
          {apply.error !== null && <ErrorPanel error={apply.error} />}
          <ActionBar>
            <span role="status" className={styles.quiet}>
              {plan.done ? 'Nothing is to be done: Git and the cluster are as you want them.' : ''}
            </span>
            {!plan.done && plan.refusal === undefined && (
              <Button
                kind="primary"
                icon={byRequest ? GitPullRequest : GitCommitHorizontal}
                disabled={!ready}
                busy={apply.isPending}
                onClick={() => apply.mutate(plan.plan)}
              >
                {byRequest ? 'Open pull request' : `Commit to ${plan.commit.branch}`}
                {plan.kind === 'bootstrap' && ', and follow it'}
              </Button>
            )}
          </ActionBar>
        </Section>
      )}
    </form>
  )
}
