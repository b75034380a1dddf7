import { Play } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type {
  ConnectionView,
  ForgeInfo,
  SaveWish,
  ValidateWish,
  Validation,
} from '../../../../src/server/contract/connections.ts'
import type { Job } from '../../../../src/server/contract/live.ts'
import type { ApiError } from '../../data/api-error.ts'
import { jobEnded, useJob } from '../../data/jobs.ts'
import { resourceKey, useChange } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/choices.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { Select, TextInput } from '../../ui/inputs.tsx'
import { Section } from '../../ui/section.tsx'
import { toast } from '../../ui/toast.tsx'
import { JobChecks } from './checks.tsx'
import { askedOf, changed, credentialOf, defaultName, draftOf, type Form, formOf, newForm } from './form-state.ts'
import styles from './gitops.module.css'
import { hostNames } from './hosts.ts'
import { Folded, ReachSettings, RepositorySettings } from './more-settings.tsx'
import { OwnerField } from './owner-field.tsx'
import { SaveBar } from './save-bar.tsx'
import { SecretFields } from './secret-fields.tsx'
import { TokenNeeds } from './token-needs.tsx'

/** What was validated: the job, and what it asked the host about. */
interface Asked {
  readonly job: Job
  readonly about: string
  readonly probe: boolean
}

/** A connection that is made or changed: nothing is stored before it is proven, or somebody insists. */
export function ConnectionForm({
  forges,
  forge: first,
  saved,
  onSaved,
}: {
  forges: readonly ForgeInfo[]
  forge: ForgeInfo
  saved?: ConnectionView
  onSaved: (connection: ConnectionView) => void
}) {
  const [form, setForm] = useState<Form>(() => (saved === undefined ? newForm(first) : formOf(saved)))
  const [cleared, setCleared] = useState(false)
  const [probe, setProbe] = useState(false)
  const [asked, setAsked] = useState<Asked>()
  const forge = forges.find(one => one.kind === form.kind) ?? first
  const about = askedOf(form)

  const validate = useChange<Job, { body: ValidateWish; about: string; probe: boolean }>(
    ({ body }) => ({ path: '/connections/validate', body }),
    { onDone: (job, wish) => setAsked({ job, about: wish.about, probe: wish.probe }) },
  )
  const followed = useJob(asked?.job.id)
  const job = followed.data?.id === asked?.job.id ? (followed.data ?? asked?.job) : asked?.job
  const running = validate.isPending || (job !== undefined && !jobEnded(job))
  const isCurrent = asked?.about === about
  const outcome = jobEnded(job) ? (job?.result as Validation | undefined)?.proof.outcome : undefined

  // The checks are what one has asked for: they come into view where they are not.
  const checks = useRef<HTMLDivElement>(null)
  const jobId = asked?.job.id
  useEffect(() => {
    if (jobId !== undefined) checks.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' })
  }, [jobId])

  const save = useChange<ConnectionView, SaveWish & { version?: number }>(
    body => ({
      path: saved === undefined ? '/connections' : `/connections/${encodeURIComponent(saved.id)}`,
      method: saved === undefined ? 'POST' : 'PUT',
      body,
    }),
    {
      stale: [resourceKey('/connections'), ['api']],
      onDone: connection => {
        // The secret has done its work here.
        setForm(formOf(connection))
        setAsked(undefined)
        toast('agreed', `The connection ${connection.name} is saved.`)
        onSaved(connection)
      },
    },
  )

  const change = (values: Partial<Form>): void => {
    const next = changed(form, values)
    const lost = (form.token ?? form.privateKey) !== undefined && (next.token ?? next.privateKey) === undefined
    if (lost && (values.host !== undefined || values.kind !== undefined)) setCleared(true)
    else if (values.token !== undefined || values.privateKey !== undefined) setCleared(false)
    setForm(next)
  }
  const setSettings = (settings: Partial<Form['settings']>): void =>
    setForm(now => ({ ...now, settings: { ...now.settings, ...settings } }))

  const credential = credentialOf(form)
  const wish = {
    draft: draftOf(form),
    ...(credential === undefined ? {} : { credential }),
  }
  const fieldError = (path: string): string | undefined => fieldOf([validate.error, save.error], path)
  const told = (error: ApiError | null): boolean => (error?.problem.fields?.length ?? 0) > 0
  const sameAsked = saved !== undefined && askedOf(formOf(saved)) === about
  const dirty =
    saved === undefined || !sameAsked || JSON.stringify(draftOf(formOf(saved))) !== JSON.stringify(wish.draft)
  const send = (insist: boolean): void =>
    save.mutate({
      ...wish,
      insist,
      ...(isCurrent && asked !== undefined && jobEnded(job) ? { validation: asked.job.id } : {}),
      ...(saved === undefined ? {} : { version: saved.version }),
    })

  return (
    <div className={styles.split}>
      <form
        className={styles.form}
        aria-label={saved === undefined ? 'New connection' : `Settings of ${saved.name}`}
        onSubmit={event => {
          event.preventDefault()
          if (running) return
          const connection = credential === undefined ? saved?.id : undefined
          const body = { ...wish, probe, ...(connection === undefined ? {} : { connection }) }
          validate.mutate({ body, about, probe })
        }}
      >
        <div className={styles.fields}>
          <Field wide label="Kind of host">
            <Select
              value={form.kind}
              onChange={event => {
                const next = forges.find(one => one.kind === event.target.value)
                if (next !== undefined) change({ kind: next.kind, host: next.host ?? '', signIn: 'token' })
              }}
              options={forges.map(one => ({ value: one.kind, label: hostNames[one.kind] }))}
            />
          </Field>
          <Field
            wide
            label={form.kind === 'git' ? 'Repository' : 'Git host'}
            error={fieldError('host')}
            hint={
              form.kind === 'azure-devops'
                ? 'With the organization: dev.azure.com/acme'
                : form.kind === 'git'
                  ? 'The address to fetch and push: https://…, ssh://… or git@host:path'
                  : undefined
            }
          >
            <TextInput
              mono
              required
              value={form.host}
              placeholder={
                forge.host ?? (form.kind === 'git' ? 'ssh://git@git.example.com/fleet.git' : 'git.example.com')
              }
              onChange={event => change({ host: event.target.value })}
            />
          </Field>
          <SecretFields
            form={form}
            forge={forge}
            saved={saved}
            cleared={cleared}
            fieldError={fieldError}
            onChange={change}
          />
          {form.kind !== 'git' && (
            <OwnerField
              form={form}
              forge={forge}
              saved={saved}
              error={fieldError('settings.owner')}
              onChange={setSettings}
            />
          )}
          <Field wide label="Name" optional error={fieldError('name')}>
            <TextInput
              value={form.name}
              placeholder={defaultName(form)}
              onChange={event => change({ name: event.target.value })}
            />
          </Field>
        </div>
        <div className={styles.narrow}>
          <Folded title="What the token needs" summary="rights of the token, role of the account">
            <TokenNeeds forge={forge} />
          </Folded>
        </div>
        <Folded
          title="Repositories"
          summary={
            form.kind === 'git'
              ? `branch ${form.settings.branch}`
              : `${form.settings.repository}, ${form.settings.repositoryTemplate}, ${form.settings.visibility}`
          }
          open={['repository', 'branch', 'repositoryTemplate'].some(
            name => fieldError(`settings.${name}`) !== undefined,
          )}
        >
          <RepositorySettings form={form} forge={forge} fieldError={fieldError} onChange={setSettings} />
        </Folded>
        <Folded
          title="TLS and proxy"
          summary={reachWords(form)}
          open={['ca', 'proxy'].some(name => fieldError(`settings.${name}`) !== undefined)}
        >
          <ReachSettings form={form} forge={forge} fieldError={fieldError} onChange={setSettings} />
        </Folded>

        <Section
          title="Checks"
          lead="Reads only, with what stands above; nothing is stored."
          actions={
            <Button type="submit" icon={Play} busy={running}>
              Validate
            </Button>
          }
        >
          <Checkbox
            label="Also try it for real"
            hint="Commits, pushes, reads back, and removes what it made."
            checked={probe}
            onChange={setProbe}
          />
          {validate.error !== null && !told(validate.error) && <ErrorPanel error={validate.error} />}
          {job !== undefined && (
            <div ref={checks} className={isCurrent ? styles.jobChecks : styles.outdated}>
              <JobChecks job={job} kind={form.kind} host={form.host} />
            </div>
          )}
        </Section>
        {save.error !== null && !told(save.error) && <ErrorPanel error={save.error} />}
        <SaveBar
          name={wish.draft.name}
          host={form.host}
          {...(saved === undefined ? {} : { saved })}
          {...(job === undefined ? {} : { job })}
          running={running}
          current={isCurrent}
          outcome={outcome}
          replaces={credential !== undefined}
          dirty={dirty || credential !== undefined}
          free={sameAsked}
          busy={save.isPending}
          onSave={send}
        />
      </form>
      <div className={styles.beside}>
        <TokenNeeds forge={forge} />
      </div>
    </div>
  )
}

function reachWords({ settings }: Form): string {
  const parts = [
    (settings.ca ?? '').trim() !== '' && 'own CA',
    (settings.proxy ?? '').trim() !== '' && `by ${settings.proxy}`,
  ]
  return parts.filter(Boolean).join(', ') || 'the system’s certificates, no proxy'
}

/** What the server has against a field: of the whole request, or of the draft alone. */
function fieldOf(errors: readonly (ApiError | null)[], path: string): string | undefined {
  for (const error of errors) {
    const found = error?.field(`draft.${path}`) ?? error?.field(path)
    if (found !== undefined) return found
  }
  return undefined
}
