import { Ellipsis, GitCompareArrows, ImageUp, PackageCheck, Pause, Play, Plus, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useLocation, useParams, useSearchParams } from 'wouter'
import type { ApplicationChange } from '../../../../src/server/contract/application-changes.ts'
import type { ApplicationView, DeploymentView } from '../../../../src/server/contract/applications.ts'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { useDrawer } from '../../frame/drawer.tsx'
import { Page } from '../../frame/page.tsx'
import { GateNoticeFor } from '../../gate/gate-notice.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { ReviewChange } from '../changes/review-change.tsx'
import { About } from './about.tsx'
import styles from './applications.module.css'
import { type Asked, ChangeForm } from './change-form.tsx'
import { EnvironmentPanel } from './environment-panel.tsx'
import { HistoryTab } from './history-tab.tsx'
import { UpdatesDrawer } from './updates-drawer.tsx'
import { ValuesTab } from './values-tab.tsx'
import { worstHealth } from './words.ts'

/** Whether nothing of the application is left by it. */
const goesAll = (change: ApplicationChange): boolean => change.kind === 'remove' && change.environment === undefined

interface Reviewed {
  readonly title: string
  readonly change: ApplicationChange
  readonly typed?: string
}

/** One application: its way from Git into each environment, its values, its history. */
export function ApplicationPage() {
  const { name = '' } = useParams<{ name: string }>()
  const may = useMay()
  const [params, setParams] = useSearchParams()
  const [, go] = useLocation()
  const updates = useDrawer('updates')
  const { data, error, refetch } = useResource<ApplicationView>(`/applications/${encodeURIComponent(name)}`, {
    topics: [`applications/${name}`, 'applications'],
  })
  const [review, setReview] = useState<Reviewed>()
  const [asked, setAsked] = useState<Asked>()
  const crumbs = [{ title: 'Applications', to: '/applications' }, { title: name }]
  if (data === undefined || data.name !== name) {
    return (
      <Page title={name} crumbs={crumbs}>
        {error !== null ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <TableSkeleton label={`Loading ${name}`} />
        )}
      </Page>
    )
  }
  const put = (changes: Readonly<Record<string, string>>): void =>
    setParams(before => {
      const next = new URLSearchParams(before)
      for (const [key, value] of Object.entries(changes)) value === '' ? next.delete(key) : next.set(key, value)
      return next
    })
  const operator = (environment?: string): boolean =>
    may('operator', { project: data.project, ...(environment === undefined ? {} : { environment }) })
  const view = params.get('view') ?? 'timeline'
  const updated = data.deployments.find(d => d.environment === updates.shown && operator(d.environment))
  const worst = worstHealth(data.deployments)
  const act = {
    ask: setAsked,
    review: setReview,
    updates: updates.show,
    values: (environment: string) => put({ view: 'values', environment }),
  }
  return (
    <Page
      title={data.title === '' ? data.name : data.title}
      mark={worst !== undefined && <StateBadge state={worst.state}>{worst.word}</StateBadge>}
      lead={data.description === '' ? undefined : data.description}
      crumbs={crumbs}
      actions={
        operator() && (
          <>
            {data.free.length > 0 && (
              <Button icon={Plus} onClick={() => setAsked({ kind: 'deploy' })}>
                Deploy to environment
              </Button>
            )}
            <Menu trigger={<IconButton label="More" icon={Ellipsis} />}>
              <MenuItem icon={PackageCheck} onSelect={() => setAsked({ kind: 'chart' })}>
                Change chart of the base
              </MenuItem>
              <MenuSeparator />
              <MenuItem
                icon={Trash2}
                danger
                onSelect={() =>
                  setReview({
                    title: `Remove ${data.name}`,
                    change: { kind: 'remove', app: data.name },
                    typed: data.name,
                  })
                }
              >
                Remove application
              </MenuItem>
            </Menu>
          </>
        )
      }
    >
      <GateNoticeFor project={data.project} />
      <Tabs
        label={`Views of ${data.name}`}
        value={view}
        onChange={next => put({ view: next })}
        tabs={[
          { id: 'timeline', title: 'Timeline', content: <Timelines app={data} act={act} operator={operator} /> },
          {
            id: 'values',
            title: 'Values',
            content: (
              <ValuesTab
                app={data}
                environment={params.get('environment') ?? undefined}
                onEnvironment={environment => put({ environment })}
                operator={operator}
                onReview={(title, change) => setReview({ title, change })}
              />
            ),
          },
          {
            id: 'history',
            title: 'History',
            content: (
              <HistoryTab
                app={data}
                environment={params.get('environment') ?? undefined}
                onEnvironment={environment => put({ environment })}
                operator={operator}
                onReview={(title, change) => setReview({ title, change })}
              />
            ),
          },
          { id: 'about', title: 'About', content: <About app={data} /> },
        ]}
      />
      {updated !== undefined && review === undefined && (
        <UpdatesDrawer
          app={data}
          deployment={updated}
          onClose={updates.close}
          onReview={(title, change) => setReview({ title, change })}
        />
      )}
      {asked !== undefined && (
        <ChangeForm
          app={data}
          asked={asked}
          onClose={() => setAsked(undefined)}
          onReview={(title, change) => {
            setAsked(undefined)
            setReview({ title, change })
          }}
        />
      )}
      {review !== undefined && (
        <ReviewChange
          key={JSON.stringify([review.title, review.change.kind])}
          routes="/applications"
          title={review.title}
          change={review.change}
          typed={review.typed}
          onClose={() => setReview(undefined)}
          doneWords={goesAll(review.change) ? 'Go to applications' : 'Show the timeline'}
          onDone={() => {
            setReview(undefined)
            if (goesAll(review.change)) return go('/applications')
            put({ view: 'timeline', updates: '' })
          }}
        />
      )}
    </Page>
  )
}

interface Acts {
  readonly ask: (asked: Asked) => void
  readonly review: (review: Reviewed) => void
  readonly updates: (environment: string) => void
  readonly values: (environment: string) => void
}

function Timelines({
  app,
  act,
  operator,
}: {
  app: ApplicationView
  act: Acts
  operator: (environment?: string) => boolean
}) {
  if (app.deployments.length === 0) {
    return (
      <p className={styles.quiet}>
        {app.name} is in Git, and deployed to no environment that your roles reach.
        {app.free.length > 0 && operator() && ' “Deploy to environment” brings it to one, by one commit.'}
      </p>
    )
  }
  return (
    <div className={styles.panels}>
      {app.deployments.map((deployment, at) => (
        <EnvironmentPanel
          key={deployment.environment}
          app={app}
          deployment={deployment}
          actions={
            operator(deployment.environment) && (
              <Actions app={app} deployment={deployment} next={app.deployments[at + 1]} act={act} />
            )
          }
        />
      ))}
    </div>
  )
}

function Actions({
  app,
  deployment,
  next,
  act,
}: {
  app: ApplicationView
  deployment: DeploymentView
  next: DeploymentView | undefined
  act: Acts
}) {
  const { environment, title } = deployment
  const { suspended } = deployment.git
  return (
    <>
      {next !== undefined && (
        <Button
          small
          icon={GitCompareArrows}
          onClick={() => act.ask({ kind: 'promote', from: environment, to: next.environment })}
        >
          Promote to {next.title}
        </Button>
      )}
      <Button small icon={ImageUp} onClick={() => act.ask({ kind: 'image', environment })}>
        Change image
      </Button>
      <Menu trigger={<IconButton small label={`More for ${title}`} icon={Ellipsis} />}>
        <MenuItem onSelect={() => act.values(environment)}>Edit values</MenuItem>
        <MenuItem icon={PackageCheck} onSelect={() => act.ask({ kind: 'chart', environment })}>
          Change chart
        </MenuItem>
        <MenuItem icon={RefreshCw} onSelect={() => act.updates(environment)}>
          Look for updates
        </MenuItem>
        <MenuItem
          icon={suspended ? Play : Pause}
          onSelect={() =>
            act.review({
              title: `${suspended ? 'Resume' : 'Suspend'} ${app.name} in ${title}`,
              change: { kind: 'suspend', app: app.name, environment, suspended: !suspended },
            })
          }
        >
          {suspended ? 'Resume in Git' : 'Suspend in Git'}
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          icon={Trash2}
          danger
          onSelect={() =>
            act.review({
              title: `Remove ${app.name} from ${title}`,
              change: { kind: 'remove', app: app.name, environment },
              typed: app.name,
            })
          }
        >
          Remove from {title}
        </MenuItem>
      </Menu>
    </>
  )
}
