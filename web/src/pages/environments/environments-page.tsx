import { MapPinned, Plus } from 'lucide-react'
import { useState } from 'react'
import type { applicationsSchema } from '../../../../src/server/contract/applications.ts'
import type {
  EnvironmentChange,
  EnvironmentView,
  environmentsSchema,
} from '../../../../src/server/contract/environments.ts'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { Drawer, useDrawer } from '../../frame/drawer.tsx'
import { Page } from '../../frame/page.tsx'
import { GateNotice, useGate } from '../../gate/gate-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { ReviewChange } from '../changes/review-change.tsx'
import { EnvironmentForm } from './environment-form.tsx'
import { EnvironmentPanel } from './environment-panel.tsx'
import styles from './environments.module.css'
import { clusterWords, placedIn, projectsWords, worstOf } from './words.ts'

type Environments = (typeof environmentsSchema)['_output']
type Applications = (typeof applicationsSchema)['_output']

interface Row {
  readonly environment: EnvironmentView
  readonly placed: ReturnType<typeof placedIn>
}

const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    header: 'Environment',
    primary: true,
    width: '14%',
    cell: ({ environment }) => environment.title,
    sort: ({ environment }) => environment.title,
  },
  {
    id: 'order',
    header: 'Order',
    width: '76px',
    align: 'end',
    cell: ({ environment }) => environment.order,
    sort: ({ environment }) => environment.order,
  },
  {
    id: 'state',
    header: 'State',
    width: '164px',
    cell: ({ placed }) => {
      const worst = worstOf(placed)
      return worst === undefined ? (
        <span className={styles.quiet}>nothing deployed</span>
      ) : (
        <StateBadge state={worst.state}>{worst.word}</StateBadge>
      )
    },
  },
  {
    id: 'applications',
    header: 'Applications',
    width: '116px',
    align: 'end',
    cell: ({ environment }) => environment.applications,
    sort: ({ environment }) => environment.applications,
  },
  { id: 'cluster', header: 'Cluster', width: '15%', cell: ({ environment }) => clusterWords(environment.spec) },
  {
    id: 'namespace',
    header: 'Namespaces',
    width: '200px',
    from: 'medium',
    cell: ({ environment }) => <code>{environment.spec.namespace ?? '{app}-{environment}'}</code>,
  },
  {
    id: 'projects',
    header: 'Who may deploy',
    from: 'medium',
    cell: ({ environment }) => projectsWords(environment.spec),
  },
  {
    id: 'how',
    header: 'Changes come',
    width: '120px',
    from: 'wide',
    cell: ({ environment }) => (environment.spec.pullRequest ? 'by pull request' : 'by commit'),
  },
]

/** The places that applications run in: each is a file in Git. */
export function EnvironmentsPage() {
  const { data, error, refetch } = useResource<Environments>('/environments', {
    topics: ['applications', 'repository'],
  })
  const gate = useGate()
  const applications = useResource<Applications>('/applications', { topics: ['applications'] })
  const drawer = useDrawer()
  const may = useMay()
  const isAdministrator = may('administrator', { project: '*', environment: '*' })
  const [editing, setEditing] = useState(false)
  const [review, setReview] = useState<{ readonly title: string; readonly change: EnvironmentChange }>()
  const open = data?.environments.find(one => one.name === drawer.shown)
  const close = (): void => {
    setEditing(false)
    drawer.close()
  }
  const add = isAdministrator && (
    <Button kind="primary" icon={Plus} onClick={() => drawer.show('+new')}>
      Add environment
    </Button>
  )
  const rows = (data?.environments ?? []).map(environment => ({
    environment,
    placed: placedIn(applications.data?.applications ?? [], environment.name),
  }))
  return (
    <Page
      title="Environments"
      lead="The places that applications run in, in their order on the way to production. Each is a file in Git; a change of one is a commit, which you see before it is made."
      actions={data !== undefined && data.environments.length > 0 && add}
    >
      <GateNotice gate={gate} />
      {error?.code === 'E_GATE_CLOSED' && data === undefined ? (
        <p className={styles.quiet}>Environments are in Git, which cannot be read before that.</p>
      ) : error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TableSkeleton label="Loading environments" />
      ) : (
        <>
          <Table
            label="Environments"
            columns={columns}
            rows={rows}
            rowKey={row => row.environment.name}
            rowState={row => {
              const state = worstOf(row.placed)?.state
              return state === 'broken' || state === 'attention' || state === 'paused' ? state : undefined
            }}
            initialSort={{ column: 'order', descending: false }}
            current={drawer.shown}
            onOpen={row => {
              setEditing(false)
              drawer.show(row.environment.name)
            }}
            empty={
              <EmptyState icon={MapPinned} title="No environments yet" action={add}>
                <p>
                  An environment says where an application runs, how its namespace is named and which projects may
                  deploy there. Nothing can be deployed before there is one.
                </p>
              </EmptyState>
            }
          />
          <Problems problems={data.problems} />
        </>
      )}
      {drawer.shown === '+new' && review === undefined && data !== undefined && (
        <Drawer title="Add environment" onClose={close}>
          <EnvironmentForm
            taken={data.environments.map(one => one.name)}
            order={Math.min(1000, Math.max(0, ...data.environments.map(one => one.order)) + 1)}
            onReview={({ name, spec }) =>
              setReview({ title: `Add ${name}`, change: { kind: 'write', create: true, name, spec } })
            }
          />
        </Drawer>
      )}
      {open !== undefined && review === undefined && (
        <Drawer
          key={open.name}
          title={open.title}
          onClose={close}
          actions={
            isAdministrator && !editing ? (
              <>
                <Button onClick={() => setEditing(true)}>Edit environment</Button>
                <Button
                  kind="danger"
                  disabled={open.applications > 0}
                  onClick={() =>
                    setReview({ title: `Remove ${open.name}`, change: { kind: 'remove', name: open.name } })
                  }
                >
                  Remove environment
                </Button>
              </>
            ) : undefined
          }
        >
          {editing ? (
            <EnvironmentForm
              environment={open}
              taken={[]}
              order={open.order}
              onReview={({ name, spec }) =>
                setReview({ title: `Change ${name}`, change: { kind: 'write', create: false, name, spec } })
              }
            />
          ) : (
            <EnvironmentPanel
              environment={open}
              placed={placedIn(applications.data?.applications ?? [], open.name)}
              mayRemove={isAdministrator}
            />
          )}
        </Drawer>
      )}
      {review !== undefined && (
        <ReviewChange
          routes="/environments"
          title={review.title}
          change={review.change}
          onClose={() => setReview(undefined)}
          onDone={() => {
            setReview(undefined)
            close()
            void refetch()
          }}
        />
      )}
    </Page>
  )
}

function Problems({ problems }: { problems: Environments['problems'] }) {
  if (problems.length === 0) return null
  return (
    <section className={styles.broken} aria-label="What cannot be read">
      <h2>Cannot be read</h2>
      <ul>
        {problems.map(one => (
          <li key={`${one.file} ${one.field} ${one.message}`}>
            <code>
              {one.file}
              {one.line !== undefined && `:${one.line}`}
            </code>{' '}
            {one.field} {one.message}
          </li>
        ))}
      </ul>
    </section>
  )
}
