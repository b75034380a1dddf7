import { Radio } from 'lucide-react'
import type { EventList, EventView } from '../../../../src/server/contract/reconciliation.ts'
import { useResource } from '../../data/resource.ts'
import { useDrawer } from '../../frame/drawer.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateIcon } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './reconciliation.module.css'

const columns: readonly Column<EventView>[] = [
  {
    id: 'about',
    header: 'Object',
    primary: true,
    width: '28%',
    cell: one => (
      <span className={styles.object}>
        <span className={styles.kind}>{one.about.kind}</span>
        <span className={styles.name}>{one.about.name}</span>
      </span>
    ),
  },
  {
    id: 'reason',
    header: 'Reason',
    width: '200px',
    cell: one => (
      <span className={styles.reason}>
        {one.type === 'Warning' && <StateIcon state="attention" />}
        <span className={styles.message}>
          {one.type === 'Warning' && <span className="visually-hidden">Warning: </span>}
          {one.reason}
        </span>
      </span>
    ),
  },
  {
    id: 'message',
    header: 'Message',
    cell: one => (
      <span className={styles.message} title={one.message}>
        {one.message}
      </span>
    ),
  },
  { id: 'count', header: 'Times', width: '70px', align: 'end', from: 'medium', cell: one => one.count },
  { id: 'at', header: 'When', width: '110px', align: 'end', cell: one => <RelativeTime at={one.at} /> },
]

/** What the engine and the cluster said lately, newest first. */
export function EventsList() {
  const { data, error, refetch } = useResource<EventList>('/reconciliation/events', { topics: ['reconciliation'] })
  const drawer = useDrawer()
  if (error !== null && data === undefined) return <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <TableSkeleton label="Loading events" />
  return (
    <Table
      label="Events"
      columns={columns}
      rows={data.events}
      rowKey={one => one.id}
      rowState={one => (one.type === 'Warning' ? 'attention' : undefined)}
      onOpen={one => drawer.show(one.about.id)}
      empty={
        <EmptyState icon={Radio} title="No events">
          Engines write an event when they fetch, apply or fail. The cluster keeps them for an hour, and it has none
          now.
        </EmptyState>
      }
    />
  )
}

/** The same in a drawer: of one object. */
export function EventLines({ events }: { events: readonly EventView[] }) {
  if (events.length === 0)
    return <p className={styles.quiet}>No event about it is kept in the cluster: they last an hour.</p>
  return (
    <ol className={styles.lines}>
      {events.map(one => (
        <li key={one.id}>
          <p className={styles.lineHead}>
            {one.type === 'Warning' && <StateIcon state="attention" />}
            <strong>{one.reason}</strong>
            <span className={styles.quiet}>
              {one.by} · <RelativeTime at={one.at} />
              {one.count > 1 && ` · ${one.count} times`}
            </span>
          </p>
          <p className={styles.text}>{one.message}</p>
        </li>
      ))}
    </ol>
  )
}
