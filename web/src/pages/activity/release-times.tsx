import { Timer } from 'lucide-react'
import { useLocation } from 'wouter'
import type { LatencyView } from '../../../../src/server/contract/timeline.ts'
import { LineChart } from '../../chart/index.tsx'
import { useResource } from '../../data/resource.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Revision } from '../../ui/revision.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { durationWords } from '../../ui/time-words.ts'
import { appPath } from '../applications/words.ts'
import styles from './activity.module.css'
import { Figures } from './figures.tsx'
import { latencyCurves, medianStages, quantile, type StageName, stageNames } from './release-series.ts'

type Point = LatencyView['points'][number]

const words: Readonly<Record<StageName, string>> = {
  fetched: 'Fetched',
  rendered: 'Rendered',
  applied: 'Applied',
  healthy: 'Healthy',
}

const after = (name: StageName): Column<Point> => ({
  id: name,
  header: words[name],
  width: '104px',
  align: 'end',
  ...(name === 'healthy' ? {} : { from: 'medium' as const }),
  cell: ({ stages }) =>
    stages[name] !== undefined ? (
      durationWords(stages[name])
    ) : name === 'healthy' ? (
      <StateBadge state="attention">not live</StateBadge>
    ) : (
      '–'
    ),
  sort: one => one.stages[name],
})

const columns: readonly Column<Point>[] = [
  {
    id: 'application',
    header: 'Application',
    primary: true,
    cell: one => one.application,
    sort: one => one.application,
  },
  {
    id: 'environment',
    header: 'Environment',
    width: '14%',
    cell: one => one.environment,
    sort: one => one.environment,
  },
  { id: 'commit', header: 'Commit', width: '100px', cell: one => <Revision compact hash={one.commit} /> },
  ...stageNames.map(after),
  {
    id: 'at',
    header: 'Committed',
    width: '120px',
    align: 'end',
    cell: one => <RelativeTime at={one.committedAt} />,
    sort: one => Date.parse(one.committedAt),
  },
]

/** How long the commits of applications took from Git to healthy, and in which stage. */
export function ReleaseTimes({ since }: { since: string }) {
  const [, go] = useLocation()
  const { data, error, refetch } = useResource<LatencyView>('/latency', {
    topics: ['applications', 'activity'],
    query: { since },
  })
  if (error !== null && data === undefined) return <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <TableSkeleton label="Loading times" />
  const { points } = data
  if (points.length === 0)
    return (
      <EmptyState icon={Timer} title="No release in this time">
        From the commit that releases an application to the moment that it is healthy, each stage of its way is timed
        here.
      </EmptyState>
    )
  const live = points.flatMap(one => one.stages.healthy ?? [])
  const curves = latencyCurves(points)
  const median = medianStages(points)
  const [p50, p95] = [quantile(live, 0.5), quantile(live, 0.95)]
  return (
    <>
      <Figures
        {...(p50 === undefined ? {} : { p50 })}
        {...(p95 === undefined ? {} : { p95 })}
        count={points.length}
        of="Releases"
      />
      {median !== undefined && <Stages median={median} />}
      {curves.times.length > 1 && (
        <LineChart
          label="p50 and p95 from commit to healthy, by the time of the commit"
          times={curves.times}
          series={[
            { name: '95 % within', values: curves.p95, tone: 'quiet' },
            { name: 'Half within', values: curves.p50 },
          ]}
          format={durationWords}
        />
      )}
      <Table
        label="Releases"
        columns={columns}
        rows={[...points].reverse()}
        rowKey={one => `${one.application} ${one.environment} ${one.commit}`}
        rowState={one => (one.stages.healthy === undefined ? 'attention' : undefined)}
        onOpen={one => go(appPath(one.application, { view: 'history', environment: one.environment }))}
      />
    </>
  )
}

/** Where the time goes: the stages of a release in the middle of all, beside each other. */
function Stages({ median }: { median: Readonly<Record<StageName, number>> }) {
  const whole = Math.max(1, ...[stageNames.reduce((sum, name) => sum + median[name], 0)])
  return (
    <figure className={styles.stages}>
      <figcaption>Where the time goes, at the median</figcaption>
      <div className={styles.bar} aria-hidden>
        {stageNames.map(name => (
          <span key={name} className={styles[name]} style={{ flexGrow: Math.max(0.01, median[name] / whole) }} />
        ))}
      </div>
      <ul>
        {stageNames.map(name => (
          <li key={name}>
            <span className={styles.swatch}>
              <span className={styles[name]} />
            </span>
            {words[name]} <strong>{durationWords(median[name])}</strong>
          </li>
        ))}
      </ul>
    </figure>
  )
}
