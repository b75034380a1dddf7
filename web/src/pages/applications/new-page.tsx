import { useMemo, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import type { ApplicationChange } from '../../../../src/server/contract/application-changes.ts'
import type { ChartDetail } from '../../../../src/server/contract/charts.ts'
import type { environmentsSchema, projectsSchema } from '../../../../src/server/contract/environments.ts'
import type { ChartContent } from '../../../../src/server/contract/templates.ts'
import type { ChartChoiceView } from '../../../../src/server/contract/values.ts'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { GateNoticeFor } from '../../gate/gate-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/choices.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import { Section } from '../../ui/section.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { ValuesEditor } from '../../values/index.tsx'
import { effective } from '../../values/layers.ts'
import { useSecrets } from '../../values/secrets.tsx'
import { useValuesCheck } from '../../values/use-check.ts'
import { ReviewChange } from '../changes/review-change.tsx'
import styles from './applications.module.css'
import { ChartVersionField } from './chart-version.tsx'
import { Place } from './place.tsx'
import { TemplateChoice } from './template-choice.tsx'
import { appPath } from './words.ts'

type Environments = (typeof environmentsSchema)['_output']
type Projects = (typeof projectsSchema)['_output']

/** Creates an application: chart, name, environments, values; then the commit is shown, and made. */
export function NewApplicationPage() {
  const [params] = useSearchParams()
  const [repository, chartName, version] = [params.get('repository'), params.get('chart'), params.get('version')]
  const [chart, setChart] = useState<ChartChoiceView | undefined>(
    repository !== null && chartName !== null && version !== null
      ? { kind: 'Chart', repository, name: chartName, version }
      : undefined,
  )
  return (
    <Page
      title="Create application"
      lead="A chart, your values, and where it runs. It becomes a commit, which you see before it is made."
      crumbs={[{ title: 'Applications', to: '/applications' }, { title: 'Create application' }]}
    >
      <GateNoticeFor />
      <Section title="What it is">
        <TemplateChoice chart={chart} onChange={setChart} />
      </Section>
      {chart !== undefined && <Details key={`${chart.kind} ${chart.name}`} chart={chart} onChart={setChart} />}
    </Page>
  )
}

const nothing: readonly (readonly string[])[] = []

function Details({ chart, onChart }: { chart: ChartChoiceView; onChart: (chart: ChartChoiceView) => void }) {
  const [, go] = useLocation()
  const [name, setName] = useState('')
  const [project, setProject] = useState('')
  const [description, setDescription] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [text, setText] = useState('')
  const [own, setOwn] = useState(false)
  const [adopt, setAdopt] = useState(false)
  const mayAdopt = useMay()('administrator', { project: '*', environment: '*' })
  const [review, setReview] = useState<ApplicationChange>()
  const environments = useResource<Environments>('/environments')
  const projects = useResource<Projects>('/projects')
  const template = useResource<ChartContent>(`/templates/${encodeURIComponent(chart.name)}`, {
    query: { version: chart.version },
    enabled: chart.kind === 'Template',
  })
  const detail = useResource<ChartDetail>('/charts/chart', {
    query: chart.kind === 'Chart' ? { repository: chart.repository, name: chart.name, version: chart.version } : {},
    enabled: chart.kind === 'Chart',
  })
  const content = chart.kind === 'Template' ? template.data : detail.data?.content
  const failed = chart.kind === 'Template' ? template.error : detail.error
  const below = useMemo(() => effective(content?.values ?? {}), [content?.values])
  const secrets = useSecrets(nothing, nothing, 'Secrets are set for each environment, once the application is there.')
  const { check, busy } = useValuesCheck(content === undefined ? undefined : { chart, yaml: text })
  const problems = check?.problems ?? []
  const [placed, setPlaced] = useState(false)
  const ready = name !== '' && project !== '' && placed && problems.length === 0 && !busy && check?.values !== undefined
  const usable = (environments.data?.environments ?? []).filter(
    e => e.spec.projects === undefined || project === '' || e.spec.projects.includes(project),
  )
  return (
    <>
      <Section title="Name and place">
        <div className={styles.two}>
          <div className={styles.form}>
            <ChartVersionField chart={chart} onChange={onChart} />
            <Field
              label="Name"
              hint="Lower-case letters, digits and hyphens. It stays: objects in the cluster are called by it."
            >
              <TextInput mono value={name} maxLength={53} onChange={event => setName(event.target.value)} />
            </Field>
            <Field label="Project" hint="Who may do what is granted by project.">
              <TextInput
                mono
                value={project}
                maxLength={63}
                list="known-projects"
                onChange={event => setProject(event.target.value)}
              />
            </Field>
            <datalist id="known-projects">
              {(projects.data?.projects ?? []).map(p => (
                <option key={p.name} value={p.name} />
              ))}
            </datalist>
            <Field label="Description" optional>
              <TextInput
                value={description}
                maxLength={2000}
                spellCheck
                onChange={event => setDescription(event.target.value)}
              />
            </Field>
            <fieldset className={styles.moves}>
              <legend>Environments</legend>
              {environments.error !== null && <ErrorPanel error={environments.error} />}
              {environments.data !== undefined && usable.length === 0 && (
                <p className={styles.quiet}>
                  There is none yet that this project may use. The application can be created, and deployed later.
                </p>
              )}
              {usable.map(e => (
                <Checkbox
                  key={e.name}
                  label={e.title}
                  hint={e.spec.pullRequest ? 'Changes come by pull request here.' : undefined}
                  checked={chosen.includes(e.name)}
                  onChange={on => setChosen(before => (on ? [...before, e.name] : before.filter(n => n !== e.name)))}
                />
              ))}
            </fieldset>
            <Checkbox
              label="A repository of its own"
              hint="Called by the connection's template: beside this you see its name. Without it, the application is a folder of the fleet's repository."
              checked={own}
              onChange={setOwn}
            />
            {own && mayAdopt && (
              <Checkbox
                label="Adopt it when it is there already"
                hint="Only for a repository that is meant for this application. What stands in it otherwise stays."
                checked={adopt}
                onChange={setAdopt}
              />
            )}
          </div>
          <Place name={name} project={project} environments={chosen} own={own} onUsable={setPlaced} />
        </div>
      </Section>
      <Section title="Values" lead="Only what differs from the chart is kept. Every environment starts from these.">
        {failed !== null && content === undefined ? (
          <ErrorPanel error={failed} />
        ) : content === undefined ? (
          detail.data?.contentProblem !== undefined ? (
            <p className={styles.wrong}>{detail.data.contentProblem}</p>
          ) : (
            <TextSkeleton lines={8} />
          )
        ) : (
          <ValuesEditor
            text={text}
            onText={setText}
            below={below}
            names={['Chart', 'Base']}
            schema={content.schema}
            problems={problems}
            secrets={secrets}
          />
        )}
      </Section>
      <div className={styles.bar}>
        <span role="status" className={styles.quiet}>
          {name === '' || project === ''
            ? 'It needs a name and a project.'
            : !placed
              ? 'This name cannot be used as it is.'
              : problems.length > 0
                ? 'Its values do not fit the chart yet.'
                : ''}
        </span>
        <Button
          kind="primary"
          disabled={!ready}
          onClick={() =>
            setReview({
              kind: 'create',
              name,
              project,
              ...(description === '' ? {} : { description }),
              chart,
              values: check?.values ?? {},
              environments: chosen.map(environment => ({ environment })),
              repository: own ? 'own' : 'fleet',
              adopt: own && adopt,
            })
          }
        >
          Review the commit
        </Button>
      </div>
      {review !== undefined && (
        <ReviewChange
          routes="/applications"
          title={`Create ${name}`}
          change={review}
          onClose={() => setReview(undefined)}
          doneWords={`Go to ${name}`}
          onDone={() => go(appPath(name))}
        />
      )}
    </>
  )
}
