import { Package, Plus, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import type { ChartSummary, chartRepositoriesSchema, chartsSchema } from '../../../../src/server/contract/charts.ts'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Select, TextInput } from '../../ui/inputs.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import styles from './charts.module.css'
import { Repositories } from './repositories.tsx'

type Charts = (typeof chartsSchema)['_output']
export type ChartRepositories = (typeof chartRepositoriesSchema)['_output']

export const chartHref = (repository: string, name: string, version?: string): string =>
  `/charts/${encodeURIComponent(repository)}/${name.split('/').map(encodeURIComponent).join('/')}${version === undefined ? '' : `?version=${encodeURIComponent(version)}`}`

const columns: readonly Column<ChartSummary>[] = [
  { id: 'name', header: 'Chart', primary: true, width: '20%', cell: c => c.name },
  { id: 'repository', header: 'Repository', width: '16%', cell: c => c.repository },
  { id: 'version', header: 'Version', width: '110px', cell: c => <code>{c.version}</code> },
  { id: 'app', header: 'App version', width: '120px', from: 'medium', cell: c => <code>{c.appVersion ?? '–'}</code> },
  {
    id: 'description',
    header: 'Description',
    cell: c => (
      <>
        {c.deprecated && <StateBadge state="attention">deprecated</StateBadge>} {c.description}
      </>
    ),
  },
]

/** Charts of all repositories, and the repositories. */
export function ChartsPage() {
  const [params, setParams] = useSearchParams()
  const may = useMay()
  const view = params.get('view') ?? 'charts'
  const put = (changes: Readonly<Record<string, string>>): void =>
    setParams(
      before => {
        const next = new URLSearchParams(before)
        for (const [key, value] of Object.entries(changes)) {
          if (value === '') next.delete(key)
          else next.set(key, value)
        }
        return next
      },
      { replace: true },
    )
  const repositories = useResource<ChartRepositories>('/charts/repositories', { topics: ['charts'] })
  return (
    <Page
      title="Charts"
      lead="Charts of the repositories that are in Git. Deploying one makes an application of it."
      actions={
        may('operator') && (
          <Button icon={Plus} onClick={() => put({ view: 'repositories', open: 'new' })}>
            Add repository
          </Button>
        )
      }
    >
      <Tabs
        label="Charts and repositories"
        value={view}
        onChange={next => put({ view: next })}
        tabs={[
          {
            id: 'charts',
            title: 'Charts',
            content: (
              <Found
                text={params.get('q') ?? ''}
                repository={params.get('repository') ?? ''}
                repositories={repositories.data}
                onPut={put}
              />
            ),
          },
          {
            id: 'repositories',
            title: 'Repositories',
            mark: repositories.data?.repositories.length,
            content: (
              <Repositories
                data={repositories.data}
                error={repositories.error}
                onRetry={() => void repositories.refetch()}
              />
            ),
          },
        ]}
      />
    </Page>
  )
}

function Found({
  text,
  repository,
  repositories,
  onPut,
}: {
  text: string
  repository: string
  repositories: ChartRepositories | undefined
  onPut: (changes: Readonly<Record<string, string>>) => void
}) {
  const [, go] = useLocation()
  const [asked, setAsked] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), 200)
    return () => clearTimeout(timer)
  }, [text])
  const { data, error, refetch } = useResource<Charts>('/charts', {
    query: {
      query: asked === '' ? undefined : asked,
      repository: repository === '' ? undefined : repository,
      limit: 200,
    },
    topics: ['charts'],
  })
  if (repositories?.repositories.length === 0) {
    return (
      <EmptyState
        icon={Package}
        title="No chart repositories yet"
        action={
          <Button kind="primary" icon={Plus} onClick={() => onPut({ view: 'repositories', open: 'new' })}>
            Add repository
          </Button>
        }
      >
        <p>Charts come from repositories, over HTTP or from an OCI registry. None is in Git.</p>
      </EmptyState>
    )
  }
  return (
    <div className={styles.stack}>
      <div className={styles.filters}>
        <TextInput
          type="search"
          aria-label="Search charts"
          placeholder="Name, keyword, or oci:// address"
          prefix={<Search size={16} aria-hidden />}
          value={text}
          onChange={event => onPut({ q: event.target.value })}
        />
        <Select
          aria-label="Repository"
          value={repository}
          onChange={event => onPut({ repository: event.target.value })}
          options={[
            { value: '', label: 'All repositories' },
            ...(repositories?.repositories ?? []).map(r => ({ value: r.name, label: r.name })),
          ]}
        />
        <span role="status" className={styles.quiet}>
          {data !== undefined && (data.total === 1 ? '1 chart' : `${data.total} charts`)}
        </span>
      </div>
      {data?.failed.map(f => (
        <p key={f.repository} className={styles.failed}>
          <StateBadge state="broken">{f.repository} could not be asked</StateBadge> {f.message}
        </p>
      ))}
      {data !== undefined ? (
        <Table
          label="Charts"
          columns={columns}
          rows={data.charts}
          rowKey={c => `${c.repository}/${c.name}`}
          onOpen={c => go(chartHref(c.repository, c.name))}
          empty={
            asked.startsWith('oci://') ? (
              <p className={styles.quiet}>
                No registry that is in Git has a chart at <code>{asked}</code>. Add the registry, with the address
                without the name of the chart; then its charts are found here.
              </p>
            ) : (
              <p className={styles.quiet}>No chart fits “{asked}”.</p>
            )
          }
        />
      ) : error !== null ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <TableSkeleton label="Loading charts" />
      )}
    </div>
  )
}
