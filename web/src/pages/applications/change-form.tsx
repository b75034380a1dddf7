import { type ReactNode, useId, useState } from 'react'
import type { ApplicationChange } from '../../../../src/server/contract/application-changes.ts'
import type { ApplicationValues } from '../../../../src/server/contract/application-values.ts'
import type { ApplicationView, DeploymentView } from '../../../../src/server/contract/applications.ts'
import type { ChartChoiceView } from '../../../../src/server/contract/values.ts'
import { useResource } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/choices.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Select, TextInput } from '../../ui/inputs.tsx'
import { pathWords, valueAt } from '../../values/tree.ts'
import { valueWords } from '../../values/words.ts'
import { chartWords, Move } from '../changes/value-changes.tsx'
import styles from './applications.module.css'
import { ChartVersionField } from './chart-version.tsx'
import { imageTag } from './words.ts'

/** What a person wants to change; the form asks for the rest, and the review shows the commit. */
export type Asked =
  | { readonly kind: 'deploy' }
  | { readonly kind: 'chart'; readonly environment?: string }
  | { readonly kind: 'image'; readonly environment: string }
  | { readonly kind: 'promote'; readonly from: string; readonly to: string }

interface FormProps {
  readonly app: ApplicationView
  readonly onClose: () => void
  readonly onReview: (title: string, change: ApplicationChange) => void
}

export function ChangeForm({ asked, ...rest }: FormProps & { asked: Asked }) {
  if (asked.kind === 'deploy') return <DeployForm {...rest} />
  if (asked.kind === 'chart') return <ChartForm {...rest} environment={asked.environment} />
  if (asked.kind === 'image') return <ImageForm {...rest} environment={asked.environment} />
  return <PromoteForm {...rest} from={asked.from} to={asked.to} />
}

function Shell({
  title,
  lead,
  ready,
  onClose,
  onSubmit,
  children,
}: {
  title: string
  lead?: string
  ready: boolean
  onClose: () => void
  onSubmit: () => void
  children: ReactNode
}) {
  const id = useId()
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      {...(lead === undefined ? {} : { lead })}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={id} disabled={!ready}>
            Review the commit
          </Button>
        </>
      }
    >
      <form
        id={id}
        className={styles.form}
        onSubmit={event => {
          event.preventDefault()
          if (ready) onSubmit()
        }}
      >
        {children}
      </form>
    </Dialog>
  )
}

function DeployForm({ app, onClose, onReview }: FormProps) {
  const [environment, setEnvironment] = useState(app.free[0]?.name ?? '')
  const chosen = app.free.find(e => e.name === environment)
  return (
    <Shell
      title={`Deploy ${app.name}`}
      lead="It starts from the base; what shall differ there can be set afterwards, as a patch."
      ready={chosen !== undefined}
      onClose={onClose}
      onSubmit={() =>
        onReview(`Deploy ${app.name} to ${chosen!.title}`, { kind: 'deploy', app: app.name, environment })
      }
    >
      <Field label="Environment" hint={chosen && `Into the namespace ${chosen.namespace}.`}>
        <Select
          options={app.free.map(e => ({ value: e.name, label: e.title }))}
          value={environment}
          onChange={event => setEnvironment(event.target.value)}
        />
      </Field>
    </Shell>
  )
}

const deploymentOf = (app: ApplicationView, environment: string | undefined): DeploymentView | undefined =>
  app.deployments.find(d => d.environment === environment)

function ChartForm({ app, environment, onClose, onReview }: FormProps & { environment: string | undefined }) {
  const deployment = deploymentOf(app, environment)
  const now = deployment?.git.chart ?? app.chart
  const [chart, setChart] = useState<ChartChoiceView>(now)
  const [follow, setFollow] = useState(false)
  const where = deployment === undefined ? 'the base' : deployment.title
  const change: ApplicationChange = {
    kind: 'chart',
    app: app.name,
    ...(deployment === undefined ? {} : { environment: deployment.environment }),
    chart: follow ? null : chart,
  }
  return (
    <Shell
      title={`Chart of ${app.name} in ${where}`}
      ready={follow || chart.version !== now.version}
      onClose={onClose}
      onSubmit={() => onReview(`Chart of ${app.name} in ${where}`, change)}
    >
      {!follow && <ChartVersionField chart={chart} onChange={setChart} />}
      {!follow && chart.version !== now.version && (
        <p>
          <Move before={chartWords(now)} after={chartWords(chart)} />
        </p>
      )}
      {deployment?.git.chartOverridden && (
        <Checkbox
          label={`Follow the base again (${chartWords(app.chart)})`}
          hint="What the base's chart becomes later then comes here too."
          checked={follow}
          onChange={setFollow}
        />
      )}
    </Shell>
  )
}

function ImageForm({ app, environment, onClose, onReview }: FormProps & { environment: string }) {
  const deployment = deploymentOf(app, environment)!
  const values = useResource<ApplicationValues>(`/applications/${encodeURIComponent(app.name)}/values`, {
    query: { environment },
  })
  const image = valueAt(values.data?.effective, ['image'])
  const text = (key: string): string => {
    const value = valueAt(image, [key])
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  const [repository, setRepository] = useState<string>()
  const [tag, setTag] = useState<string>()
  const [digest, setDigest] = useState<string>()
  const now = { repository: text('repository'), tag: text('tag'), digest: text('digest') }
  const wrongDigest = digest !== undefined && digest !== '' && !/^sha256:[0-9a-f]{64}$/.test(digest)
  const differs =
    (repository !== undefined && repository !== now.repository) ||
    (tag !== undefined && tag !== now.tag) ||
    (digest !== undefined && digest !== now.digest)
  return (
    <Shell
      title={`Image of ${app.name} in ${deployment.title}`}
      lead="It is set in this environment only; promotion takes it on from here."
      ready={differs && !wrongDigest && repository !== ''}
      onClose={onClose}
      onSubmit={() =>
        onReview(`Image of ${app.name} in ${deployment.title}`, {
          kind: 'image',
          app: app.name,
          environment,
          ...(repository === undefined ? {} : { repository }),
          ...(tag === undefined ? {} : { tag }),
          ...(digest === undefined ? {} : { digest }),
        })
      }
    >
      <Field label="Repository">
        <TextInput mono value={repository ?? now.repository} onChange={event => setRepository(event.target.value)} />
      </Field>
      <Field label="Tag">
        <TextInput mono value={tag ?? now.tag} maxLength={128} onChange={event => setTag(event.target.value)} />
      </Field>
      <Field
        label="Digest"
        optional
        hint="Pins the image by content, and wins over the tag."
        error={wrongDigest ? 'sha256: and 64 hexadecimal digits' : undefined}
      >
        <TextInput
          mono
          value={digest ?? now.digest}
          maxLength={100}
          onChange={event => setDigest(event.target.value)}
        />
      </Field>
    </Shell>
  )
}

function PromoteForm({ app, from, to, onClose, onReview }: FormProps & { from: string; to: string }) {
  const source = deploymentOf(app, from)!
  const [target, setTarget] = useState(to)
  const goal = deploymentOf(app, target)!
  const path = `/applications/${encodeURIComponent(app.name)}/values`
  const there = useResource<ApplicationValues>(path, { query: { environment: from } })
  const here = useResource<ApplicationValues>(path, { query: { environment: target } })
  const [image, setImage] = useState(true)
  const [chart, setChart] = useState(true)
  const [more, setMore] = useState<readonly string[]>([])
  const chartDiffers = chartWords(source.git.chart) !== chartWords(goal.git.chart)
  const others = (there.data?.overridden ?? []).filter(
    o => o.path[0] !== 'image' && JSON.stringify(o.value) !== JSON.stringify(valueAt(here.data?.effective, o.path)),
  )
  const imageDiffers = source.git.image !== goal.git.image
  const paths = [
    ...(image && source.git.image !== undefined ? [['image']] : []),
    ...more.map(key => JSON.parse(key) as string[]),
  ]
  return (
    <Shell
      title={`Promote ${app.name}`}
      lead={`What runs in ${source.title} goes to ${goal.title}, by one commit.`}
      ready={(image && imageDiffers) || (chart && chartDiffers) || more.length > 0}
      onClose={onClose}
      onSubmit={() =>
        onReview(`Promote ${app.name} from ${source.title} to ${goal.title}`, {
          kind: 'promote',
          app: app.name,
          from,
          to: target,
          paths,
          chart: chart && chartDiffers,
        })
      }
    >
      {app.deployments.length > 2 && (
        <Field label="To">
          <Select
            options={app.deployments
              .filter(d => d.environment !== from)
              .map(d => ({ value: d.environment, label: d.title }))}
            value={target}
            onChange={event => setTarget(event.target.value)}
          />
        </Field>
      )}
      <fieldset className={styles.moves}>
        <legend>What goes along</legend>
        <Checkbox
          label="The image"
          checked={image && imageDiffers}
          disabled={!imageDiffers}
          onChange={setImage}
          hint={
            imageDiffers ? (
              <Move before={imageTag(goal.git.image)} after={imageTag(source.git.image)} />
            ) : (
              'the same in both'
            )
          }
        />
        <Checkbox
          label="The chart"
          checked={chart && chartDiffers}
          disabled={!chartDiffers}
          onChange={setChart}
          hint={
            chartDiffers ? (
              <Move before={chartWords(goal.git.chart)} after={chartWords(source.git.chart)} />
            ) : (
              'the same in both'
            )
          }
        />
        {others.slice(0, 50).map(o => {
          const key = JSON.stringify(o.path)
          return (
            <Checkbox
              key={key}
              label={<code>{pathWords(o.path)}</code>}
              checked={more.includes(key)}
              onChange={on => setMore(before => (on ? [...before, key] : before.filter(k => k !== key)))}
              hint={
                <Move
                  before={valueWords(valueAt(here.data?.effective, o.path))}
                  after={o.from === 'removed' ? undefined : valueWords(o.value)}
                />
              }
            />
          )
        })}
      </fieldset>
    </Shell>
  )
}
