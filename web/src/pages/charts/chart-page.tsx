import { useState } from 'react'
import { Link, useLocation, useParams, useSearchParams } from 'wouter'
import type { ChartDetail } from '../../../../src/server/contract/charts.ts'
import { CodeView } from '../../code/index.tsx'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { Markdown } from '../../markdown/index.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Select } from '../../ui/inputs.tsx'
import { SafeLink } from '../../ui/safe-link.tsx'
import { Facts } from '../../ui/section.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { appPath } from '../applications/words.ts'
import styles from './charts.module.css'

/** One chart: what it says of itself, its versions, its values, and what runs it. */
export function ChartPage() {
  const { repository = '', '*': name = '' } = useParams<{ repository: string; '*': string }>()
  const [params, setParams] = useSearchParams()
  const [, go] = useLocation()
  const may = useMay()
  const [view, setView] = useState('readme')
  const version = params.get('version') ?? undefined
  const { data, error, refetch } = useResource<ChartDetail>('/charts/chart', {
    query: { repository, name, version },
    topics: ['charts'],
  })
  const crumbs = [
    { title: 'Charts', to: '/charts' },
    { title: repository, to: `/charts?repository=${encodeURIComponent(repository)}` },
    { title: name },
  ]
  if (data === undefined || data.name !== name) {
    return (
      <Page title={name} crumbs={crumbs}>
        {error !== null ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <TextSkeleton lines={10} label={`Loading ${name}`} />
        )}
      </Page>
    )
  }
  const { content } = data
  const choose = (next: string): void => setParams({ version: next }, { replace: true })
  const missing = (
    <p className={styles.wrong}>{data.contentProblem ?? 'The archive of this version holds nothing of that.'}</p>
  )
  return (
    <Page
      title={data.name}
      mark={data.deprecated && <StateBadge state="attention">Deprecated</StateBadge>}
      lead={data.description}
      crumbs={crumbs}
      actions={
        <>
          <Select
            aria-label="Version"
            className={styles.version}
            value={data.shown}
            onChange={event => choose(event.target.value)}
            options={data.versions.map(v => ({
              value: v.version,
              label: v.prerelease ? `${v.version} (prerelease)` : v.version,
            }))}
          />
          {may('operator') && (
            <Button
              kind="primary"
              onClick={() =>
                go(`/applications/new?${new URLSearchParams({ repository, chart: data.name, version: data.shown })}`)
              }
            >
              Deploy {data.shown}
            </Button>
          )}
        </>
      }
    >
      <Tabs
        label={`Views of ${data.name}`}
        value={view}
        onChange={setView}
        tabs={[
          {
            id: 'readme',
            title: 'README',
            content: (
              <div className={styles.readme}>
                <div>
                  {content === undefined ? (
                    missing
                  ) : content.readme === '' ? (
                    <p className={styles.quiet}>It has no README.</p>
                  ) : (
                    <Markdown text={content.readme} />
                  )}
                </div>
                <aside aria-label="About the chart">
                  <About data={data} />
                </aside>
              </div>
            ),
          },
          {
            id: 'values',
            title: 'Values',
            content:
              content === undefined ? (
                missing
              ) : (
                <CodeView tall label={`Values of ${data.name}`} text={content.valuesText} />
              ),
          },
          {
            id: 'schema',
            title: 'Schema',
            content:
              content === undefined ? (
                missing
              ) : content.schema === undefined ? (
                <p className={styles.quiet}>
                  It has no schema: its values are taken as they are, and the form is made of its defaults.
                </p>
              ) : (
                <CodeView tall label={`Schema of ${data.name}`} text={JSON.stringify(content.schema, null, 2)} />
              ),
          },
          {
            id: 'versions',
            title: 'Versions',
            mark: data.versions.length,
            content: <Versions data={data} onChoose={choose} />,
          },
          { id: 'used', title: 'Used by', mark: data.usedBy.length, content: <UsedBy data={data} /> },
        ]}
      />
    </Page>
  )
}

function About({ data }: { data: ChartDetail }) {
  const shown = data.versions.find(v => v.version === data.shown)
  return (
    <Facts
      facts={[
        { name: 'Repository', value: data.repository },
        { name: 'Version', value: <code>{data.shown}</code> },
        ...(shown?.appVersion === undefined ? [] : [{ name: 'App version', value: <code>{shown.appVersion}</code> }]),
        ...(shown?.created === undefined ? [] : [{ name: 'Published', value: <RelativeTime at={shown.created} /> }]),
        ...(data.home === undefined
          ? []
          : [{ name: 'Home', value: <SafeLink href={data.home}>{data.home}</SafeLink> }]),
        ...(data.sources.length === 0
          ? []
          : [
              {
                name: 'Sources',
                value: data.sources.slice(0, 5).map(source => (
                  <div key={source}>
                    <SafeLink href={source}>{source}</SafeLink>
                  </div>
                )),
              },
            ]),
        ...(data.maintainers.length === 0
          ? []
          : [
              {
                name: 'Maintainers',
                value: data.maintainers
                  .slice(0, 8)
                  .map(m => m.name)
                  .join(', '),
              },
            ]),
        ...(data.keywords.length === 0 ? [] : [{ name: 'Keywords', value: data.keywords.slice(0, 12).join(', ') }]),
      ]}
    />
  )
}

type Version = ChartDetail['versions'][number]

function Versions({ data, onChoose }: { data: ChartDetail; onChoose: (version: string) => void }) {
  const columns: readonly Column<Version>[] = [
    { id: 'version', header: 'Version', primary: true, width: '30%', cell: v => <code>{v.version}</code> },
    { id: 'app', header: 'App version', cell: v => <code>{v.appVersion ?? '–'}</code> },
    {
      id: 'state',
      header: 'State',
      width: '160px',
      cell: v =>
        v.deprecated ? (
          <StateBadge state="attention">deprecated</StateBadge>
        ) : v.prerelease ? (
          <StateBadge state="paused">prerelease</StateBadge>
        ) : (
          ''
        ),
    },
    {
      id: 'created',
      header: 'Published',
      width: '130px',
      align: 'end',
      cell: v => (v.created === undefined ? '–' : <RelativeTime at={v.created} />),
    },
  ]
  return (
    <div className={styles.stack}>
      <Table
        label="Versions"
        columns={columns}
        rows={data.versions}
        rowKey={v => v.version}
        current={data.shown}
        onOpen={v => onChoose(v.version)}
      />
      {data.truncated && <p className={styles.quiet}>There may be older ones that the repository did not list here.</p>}
    </div>
  )
}

function UsedBy({ data }: { data: ChartDetail }) {
  if (data.usedBy.length === 0) return <p className={styles.quiet}>No release that you may see comes from it.</p>
  return (
    <ul className={styles.used}>
      {data.usedBy.map(u => (
        <li key={`${u.application} ${u.environment}`}>
          <Link href={appPath(u.application, { environment: u.environment })}>{u.application}</Link> in {u.environment}:{' '}
          <code>{u.version}</code>
          {u.version !== data.version && <StateBadge state="attention">newest is {data.version}</StateBadge>}
        </li>
      ))}
    </ul>
  )
}
