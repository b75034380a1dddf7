import { Boxes, Plus, Search } from 'lucide-react'
import { useLocation, useSearchParams } from 'wouter'
import type {
  ApplicationSummary,
  applicationsSchema,
  DeploymentView,
} from '../../../../src/server/contract/applications.ts'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { GateNoticeFor } from '../../gate/gate-notice.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Select, TextInput } from '../../ui/inputs.tsx'
import { Pair } from '../../ui/pair.tsx'
import { Revision } from '../../ui/revision.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge, stateOrder } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './applications.module.css'
import { appMatches, appPath, healthOf, versionWords } from './words.ts'

type Applications = (typeof applicationsSchema)['_output']

interface Row {
  readonly app: ApplicationSummary
  /** Absent: it is deployed nowhere. */
  readonly deployment: DeploymentView | undefined
}

/** A row shows both sides of the pair: neither may push the other out. */
const cut = (version = '–'): string => (version.length > 22 ? `${version.slice(0, 21)}…` : version)

const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    header: 'Application',
    primary: true,
    width: '17%',
    cell: r => r.app.name,
    sort: r => r.app.name,
  },
  {
    id: 'project',
    header: 'Project',
    width: '11%',
    from: 'medium',
    cell: r => r.app.project,
    sort: r => r.app.project,
  },
  {
    id: 'environment',
    header: 'Environment',
    width: '11%',
    cell: r => r.deployment?.title ?? '–',
    sort: r => r.deployment?.order ?? 10_000,
  },
  {
    id: 'state',
    header: 'State',
    width: '146px',
    cell: r =>
      r.deployment === undefined ? (
        <span className={styles.quiet}>not deployed</span>
      ) : (
        <span title={r.deployment.health.stuck?.message}>
          <StateBadge state={healthOf(r.deployment).state}>{healthOf(r.deployment).word}</StateBadge>
        </span>
      ),
    sort: r => (r.deployment === undefined ? 99 : stateOrder.indexOf(healthOf(r.deployment).state)),
  },
  {
    id: 'pair',
    header: 'Git and cluster',
    cell: r =>
      r.deployment !== undefined && (
        <Pair
          mono
          git={cut(versionWords(r.deployment.git))}
          cluster={r.deployment.live && cut(versionWords(r.deployment.live))}
          agrees={r.deployment.agrees}
        />
      ),
  },
  {
    id: 'chart',
    header: 'Chart',
    width: '15%',
    from: 'wide',
    cell: r => {
      const { name, version } = r.deployment?.git.chart ?? r.app.chart
      return `${name} ${version}`
    },
    sort: r => r.app.chart.name,
  },
  {
    id: 'revision',
    header: 'Revision',
    width: '92px',
    from: 'medium',
    cell: r => r.deployment?.live?.commit !== undefined && <Revision compact hash={r.deployment.live.commit} />,
  },
  {
    id: 'since',
    header: 'Since',
    width: '100px',
    align: 'end',
    cell: r => {
      const since = r.deployment?.health.since ?? r.deployment?.live?.releasedAt
      return since === undefined ? '–' : <RelativeTime at={since} />
    },
    sort: r => Date.parse(r.deployment?.health.since ?? r.deployment?.live?.releasedAt ?? '') || undefined,
  },
]

/** Every application in every environment: what Git wants, what the cluster has. */
export function ApplicationsPage() {
  const [, go] = useLocation()
  const may = useMay()
  const [params, setParams] = useSearchParams()
  const { data, error, refetch } = useResource<Applications>('/applications', { topics: ['applications'] })
  const text = params.get('q') ?? ''
  const environment = params.get('environment') ?? ''
  const put = (name: string, value: string): void =>
    setParams(
      before => {
        const next = new URLSearchParams(before)
        if (value === '') next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const apps = (data?.applications ?? []).filter(app => appMatches(app, text))
  const rows = apps.flatMap((app): Row[] =>
    app.deployments.length === 0 && environment === ''
      ? [{ app, deployment: undefined }]
      : app.deployments
          .filter(d => environment === '' || d.environment === environment)
          .map(deployment => ({ app, deployment })),
  )
  const environments = new Map(
    (data?.applications ?? [])
      .flatMap(a => a.deployments.map(d => [d.environment, d] as const))
      .sort((a, b) => a[1].order - b[1].order),
  )
  const create = may('operator') && (
    <LinkButton kind="primary" icon={Plus} to="/applications/new">
      Create application
    </LinkButton>
  )
  return (
    <Page
      title="Applications"
      lead="What each one runs in each environment, as Git wants it and as the cluster has it."
      actions={create}
    >
      <GateNoticeFor />
      {error?.code === 'E_GATE_CLOSED' && data === undefined ? (
        <p className={styles.quiet}>Applications are in Git, which cannot be read before that.</p>
      ) : error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TableSkeleton label="Loading applications" />
      ) : data.applications.length === 0 && data.broken.length === 0 ? (
        <EmptyState icon={Boxes} title="No applications yet" action={create}>
          <p>
            An application is a chart with your values, deployed to environments. It lives in Git; creating one makes
            one commit, which is shown before it is made.
          </p>
        </EmptyState>
      ) : (
        <>
          <div className={styles.filters}>
            <TextInput
              type="search"
              aria-label="Filter applications"
              placeholder="Filter by name, project, image"
              prefix={<Search size={16} aria-hidden />}
              value={text}
              onChange={event => put('q', event.target.value)}
            />
            <Select
              aria-label="Environment"
              value={environment}
              onChange={event => put('environment', event.target.value)}
              options={[
                { value: '', label: 'All environments' },
                ...[...environments].map(([name, d]) => ({ value: name, label: d.title })),
              ]}
            />
            <span role="status" className={styles.quiet}>
              {rows.length === 1 ? '1 deployment' : `${rows.length} deployments`}
            </span>
          </div>
          <Table
            label="Applications"
            columns={columns}
            rows={rows}
            rowKey={r => `${r.app.name} ${r.deployment?.environment ?? ''}`}
            rowState={r => {
              const state = r.deployment && healthOf(r.deployment).state
              return state === 'broken' || state === 'attention' || state === 'paused' ? state : undefined
            }}
            initialSort={{ column: 'name', descending: false }}
            onOpen={r =>
              go(appPath(r.app.name, r.deployment === undefined ? {} : { environment: r.deployment.environment }))
            }
            empty={<p className={styles.quiet}>No application fits this filter.</p>}
          />
          <Broken broken={data.broken} />
        </>
      )}
    </Page>
  )
}

function Broken({ broken }: { broken: Applications['broken'] }) {
  if (broken.length === 0) return null
  return (
    <section className={styles.broken} aria-label="What cannot be read">
      <h2>Cannot be read</h2>
      {broken.map(one => (
        <div key={one.name}>
          <p>
            <StateBadge state="broken">{one.name}</StateBadge>
          </p>
          <ul>
            {one.problems.map(p => (
              <li key={`${p.file} ${p.field} ${p.message}`}>
                <code>
                  {p.file}
                  {p.line !== undefined && `:${p.line}`}
                </code>{' '}
                {p.field} {p.message}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  )
}
