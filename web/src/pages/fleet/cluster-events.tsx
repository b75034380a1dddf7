import { Radio } from 'lucide-react'
import type { ClusterDetails } from '../../../../src/server/contract/fleet.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { StateIcon } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './fleet.module.css'

type ClusterEvent = ClusterDetails['events'][number]

const columns: readonly Column<ClusterEvent>[] = [
  { id: 'about', header: 'Object', primary: true, width: '28%', cell: one => one.about },
  {
    id: 'reason',
    header: 'Reason',
    width: '200px',
    cell: one => (
      <span className={styles.reason}>
        {one.warning && <StateIcon state="attention" />}
        {one.warning && <span className="visually-hidden">Warning: </span>}
        {one.reason}
      </span>
    ),
  },
  { id: 'message', header: 'Message', cell: one => <span title={one.message}>{one.message}</span> },
  { id: 'count', header: 'Times', width: '70px', align: 'end', from: 'medium', cell: one => one.count },
  { id: 'at', header: 'When', width: '110px', align: 'end', cell: one => <RelativeTime at={one.at} /> },
]

/** What the management cluster said lately of a cluster, its machines and nodes. */
export function ClusterEvents({ events }: { events: readonly ClusterEvent[] }) {
  return (
    <Table
      label="Events"
      columns={columns}
      rows={events}
      rowKey={one => one.id}
      rowState={one => (one.warning ? 'attention' : undefined)}
      empty={
        <EmptyState icon={Radio} title="No events">
          The management cluster keeps what happens to a cluster, its machines and nodes for an hour. It has nothing of
          it now.
        </EmptyState>
      }
    />
  )
}
