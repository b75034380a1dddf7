import { Timer } from 'lucide-react'
import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
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
import { Figures } from './figures.tsx'
import { ReleaseTimes } from './release-times.tsx'

const dayMs = 86_400_000
const spans = [
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '90', label: 'Last 90 days' },
] as const

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
      one.readyMs !== undefined ? (
        durationWords(one.readyMs)
      ) : one.overtaken ? (
        <span className={styles.quiet}>overtaken</span>
      ) : (
        <StateBadge state="attention">not live</StateBadge>
      ),
    sort: one => one.readyMs,
  },
  { id: 'at', header: 'Fetched', width: '120px', align: 'end', cell: one => <RelativeTime at={one.fetchedAt} /> },
]

/** How long commits took to be live: those of applications, and those of the fleet as a whole. */
export function Latency({ fleet }: { fleet: boolean }) {
  const [params, setParams] = useSearchParams()
  const days = spans.find(one => one.value === params.get('days'))?.value ?? '7'
  const ofFleet = fleet && params.get('of') === 'fleet'
  const put = (name: string, value: string): void =>
    setParams(
      before => {
        const next = new URLSearchParams(before)
        next.set(name, value)
        return next
      },
      { replace: true },
    )
  // The same moment as long as the choice is the same: a new one would be another question each time.
  const since = useMemo(() => new Date(Date.now() - Number(days) * dayMs).toISOString(), [days])
  return (
    <div className={styles.stack}>
      <div className={styles.filters}>
        {fleet && (
          <Select
            aria-label="Whose commits"
            value={ofFleet ? 'fleet' : 'applications'}
            onChange={event => put('of', event.target.value)}
            options={[
              { value: 'applications', label: 'Applications' },
              { value: 'fleet', label: 'The whole fleet' },
            ]}
          />
        )}
        <Select
          aria-label="How far back"
          value={days}
          onChange={event => put('days', event.target.value)}
          options={[...spans]}
        />
        <p className={styles.note}>
          {ofFleet ? 'Timed from the moment that the engine has fetched a commit.' : 'Timed from the commit.'}
        </p>
      </div>
      {ofFleet ? <Passes days={days} /> : <ReleaseTimes since={since} />}
    </div>
  )
}

/** The fleet's commits, from being fetched to everything of them being live. */
function Passes({ days }: { days: string }) {
  const { data, error, refetch } = useResource<SyncHistory>('/activity/sync', { topics: ['activity'], query: { days } })
  if (error !== null && data === undefined) return <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <TableSkeleton label="Loading times" />
  const live = slowest(data.passes)
  if (data.passes.length === 0)
    return (
      <EmptyState icon={Timer} title="No commit came in this time">
        From the moment that the engine fetches a commit, its way is timed here until everything of it is live.
      </EmptyState>
    )
  return (
    <>
      <Figures
        {...(data.p50 === undefined ? {} : { p50: data.p50 })}
        {...(data.p95 === undefined ? {} : { p95: data.p95 })}
        count={data.passes.length}
        of="Passes"
      />
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
        rowState={one => (one.readyMs === undefined && !one.overtaken ? 'attention' : undefined)}
      />
    </>
  )
}

/** Of each commit the applier that took longest: a commit is live when all of it is. */
function slowest(passes: readonly Pass[]): Pass[] {
  const byRevision = new Map<string, Pass>()
  for (const one of passes) {
    if (one.readyMs === undefined) continue
    const before = byRevision.get(one.revision)
    if (before?.readyMs === undefined || before.readyMs < one.readyMs) byRevision.set(one.revision, one)
  }
  return [...byRevision.values()].sort((a, b) => Date.parse(a.fetchedAt) - Date.parse(b.fetchedAt))
}
