import type { ReactNode } from 'react'
import type { CountsView, GraphRow } from '../../../../src/server/contract/reconciliation.ts'
import { Pair } from '../../ui/pair.tsx'
import { StateBadge, stateOrder } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { Age } from '../../ui/time.tsx'
import styles from './reconciliation.module.css'
import { commitOf } from './revision-text.ts'

const columns: readonly Column<GraphRow>[] = [
  {
    id: 'object',
    header: 'Object',
    primary: true,
    width: '30%',
    cell: row => (
      <span className={styles.object} title={`${row.kind}/${row.namespace}/${row.name}`}>
        <span className={styles.kind}>{row.kind}</span>
        <span className={styles.name}>{row.name}</span>
        {row.namespace !== '' && <span className={styles.namespace}>{row.namespace}</span>}
      </span>
    ),
    sort: row => `${row.kind}/${row.name}`,
  },
  {
    id: 'state',
    header: 'State',
    width: '176px',
    cell: row => <StateBadge state={row.state}>{row.word}</StateBadge>,
    sort: row => stateOrder.indexOf(row.state),
  },
  {
    id: 'message',
    header: 'Why',
    cell: row => (
      <span className={styles.message} title={row.message}>
        {row.state === 'agreed' ? (row.from ?? '') : (row.message ?? '')}
      </span>
    ),
  },
  {
    id: 'revision',
    header: 'Revision',
    width: '180px',
    from: 'medium',
    cell: row =>
      row.wanted === undefined ? (
        <span className={styles.mono}>{commitOf(row.revision) ?? '–'}</span>
      ) : (
        <Pair mono git={commitOf(row.wanted)} cluster={commitOf(row.revision)} agrees={row.wanted === row.revision} />
      ),
  },
  {
    id: 'applied',
    header: 'In agreement',
    width: '96px',
    align: 'end',
    from: 'wide',
    cell: row =>
      row.counts === undefined || total(row.counts) === 0
        ? '–'
        : `${row.counts.agreed.toLocaleString()} of ${total(row.counts).toLocaleString()}`,
  },
  {
    id: 'since',
    header: 'For',
    width: '84px',
    align: 'end',
    cell: row => (row.since === undefined ? '–' : <Age since={row.since} />),
    sort: row => (row.since === undefined ? undefined : -Date.parse(row.since)),
  },
]

const total = (counts: CountsView): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Objects one under the other; of 5,000 only those in view are drawn. */
export function ObjectTable({
  rows,
  current,
  onOpen,
  empty,
}: {
  rows: readonly GraphRow[]
  current: string | undefined
  onOpen: (row: GraphRow) => void
  empty: ReactNode
}) {
  return (
    <Table
      label="Objects"
      columns={columns}
      rows={rows}
      rowKey={row => row.id}
      rowState={row => (row.state === 'agreed' ? undefined : row.state)}
      {...(current === undefined ? {} : { current })}
      onOpen={onOpen}
      empty={empty}
    />
  )
}
