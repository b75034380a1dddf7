import { Timer } from 'lucide-react'
import { useState } from 'react'
import type { SyncHistory } from '../../../../src/server/contract/activity.ts'
import { LineChart } from '../../chart/index.tsx'
import { useResource } from '../../data/resource.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Select } from '../../ui/inputs.tsx'
import { Revision } from '../../ui/revision.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { durationWords } from '../../ui/time-words.ts'
import styles from './activity.module.css'

type Pass = SyncHistory['passes'][number]

const hash = (revision: string): string => /sha\d+:([0-9a-f]+)/.exec(revision)?.[1] ?? revision

const columns: readonly Column<Pass>[] = [
  {
    id: 'revision',
    header: 'Revision',
    primary: true,
    width: '22%',
    cell: one => <Revision hash={hash(one.revision)} compact />,
  },
  {
    id: 'applier',
    header: 'Applied by',
    cell: one => <code className={styles.code}>{one.applier}</code>,
    from: 'medium',
  },
  {
    id: 'applied',
    header: 'Applied after',
    width: '120px',
    align: 'end',
    cell: one => (one.appliedMs === undefined ? '–' : durationWords(one.appliedMs)),
    sort: one => one.appliedMs,
  },
  {
    id: 'ready',
    header: 'Live after',
    width: '140px',
    align: 'end',
    cell: one =>
      one.readyMs === undefined ? <StateBadge state="attention">not live</StateBadge> : durationWords(one.readyMs),
    sort: one => one.readyMs,
  },
  { id: 'at', header: 'Fetched', width: '120px', align: 'end', cell: one => <RelativeTime at={one.fetchedAt} /> },
]

/** How long the fleet's commits took from being fetched to being live. */
export function Latency({ fleet }: { fleet: boolean }) {
  const [days, setDays] = useState('7')
  const { data, error, refetch } = useResource<SyncHistory>('/activity/sync', {
    topics: ['activity'],
    enabled: fleet,
    query: { days },
  })
  if (!fleet)
    return (
      <EmptyState icon={Timer} title="The fleet's commits are for who sees everything">
        Your roles reach some projects. The timeline of each of their applications shows how long its commits took.
      </EmptyState>
    )
  if (error !== null && data === undefined) return <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <TableSkeleton label="Loading times" />
  const live = data.passes.filter(one => one.readyMs !== undefined)
  return (
    <div className={styles.stack}>
      <div className={styles.filters}>
        <Select
          aria-label="How far back"
          value={days}
          onChange={event => setDays(event.target.value)}
          options={[
            { value: '1', label: 'Last 24 hours' },
            { value: '7', label: 'Last 7 days' },
            { value: '30', label: 'Last 30 days' },
            { value: '90', label: 'Last 90 days' },
          ]}
        />
      </div>
      {data.passes.length === 0 ? (
        <EmptyState icon={Timer} title="No commit came in this time">
          From the moment that the engine fetches a commit, its way is timed here until everything of it is live.
        </EmptyState>
      ) : (
        <>
          <dl className={styles.figures}>
            <Figure name="Half of them within" value={data.p50} />
            <Figure name="95 % within" value={data.p95} />
            <div>
              <dt>Commits</dt>
              <dd>{data.passes.length.toLocaleString()}</dd>
            </div>
          </dl>
          {live.length > 1 && (
            <LineChart
              label="Milliseconds from fetched to live, by the time that the commit was fetched"
              times={live.map(one => Date.parse(one.fetchedAt))}
              series={[
                { name: 'Live after', values: live.map(one => one.readyMs ?? null) },
                { name: 'Applied after', values: live.map(one => one.appliedMs ?? null), tone: 'quiet' },
              ]}
              format={durationWords}
            />
          )}
          <Table
            label="Commits"
            columns={columns}
            rows={[...data.passes].reverse()}
            rowKey={one => `${one.applier} ${one.revision}`}
            rowState={one => (one.readyMs === undefined ? 'attention' : undefined)}
          />
        </>
      )}
    </div>
  )
}

function Figure({ name, value }: { name: string; value: number | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value === undefined ? '–' : durationWords(value)}</dd>
    </div>
  )
}
