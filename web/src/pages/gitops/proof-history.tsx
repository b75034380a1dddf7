import type { ConnectionView, ProofView } from '../../../../src/server/contract/connections.ts'
import { useResource } from '../../data/resource.ts'
import { Drawer, useDrawer } from '../../frame/drawer.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { ExactTime, RelativeTime } from '../../ui/time.tsx'
import { ProofChecks } from './checks.tsx'
import styles from './gitops.module.css'
import { checkWords, outcomes } from './tick.ts'

const columns: readonly Column<ProofView>[] = [
  { id: 'at', header: 'Looked', primary: true, width: '150px', cell: proof => <RelativeTime at={proof.at} /> },
  {
    id: 'outcome',
    header: 'Outcome',
    width: '150px',
    cell: ({ outcome }) => <StateBadge state={outcomes[outcome].state}>{outcomes[outcome].word}</StateBadge>,
  },
  {
    id: 'found',
    header: 'Found',
    cell: proof => {
      const failed = proof.lines.find(line => line.status === 'fail')
      const found = failed === undefined ? checkWords(proof) : (failed.detail ?? failed.title)
      return proof.insisted === true ? `${found} (saved without proof)` : found
    },
  },
  { id: 'login', header: 'Account', width: '140px', from: 'medium', cell: proof => proof.login ?? '' },
]

/** What was found each time; the checks of one in the drawer. */
export function ProofHistory({ connection }: { connection: ConnectionView }) {
  const path = `/connections/${encodeURIComponent(connection.id)}/history`
  const { data, error, refetch } = useResource<{ proofs: ProofView[] }>(path, { topics: ['connections'] })
  const drawer = useDrawer()
  const open = data?.proofs.find(proof => proof.at === drawer.shown)
  if (data === undefined)
    return error === null ? (
      <TableSkeleton label="Loading the history" />
    ) : (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    )
  return (
    <>
      <Table
        label={`History of ${connection.name}`}
        columns={columns}
        rows={data.proofs}
        rowKey={proof => proof.at}
        rowState={proof => (proof.outcome === 'proven' ? undefined : outcomes[proof.outcome].state)}
        {...(drawer.shown === undefined ? {} : { current: drawer.shown })}
        onOpen={proof => drawer.show(proof.at)}
        empty={<p className={styles.quiet}>The host was not asked yet.</p>}
      />
      {open !== undefined && (
        <Drawer
          key={open.at}
          title="What was found"
          mark={<StateBadge state={outcomes[open.outcome].state}>{outcomes[open.outcome].word}</StateBadge>}
          onClose={drawer.close}
        >
          <p className={styles.quiet}>
            <ExactTime at={open.at} />
          </p>
          <ProofChecks proof={open} kind={connection.kind} host={connection.host} />
        </Drawer>
      )}
    </>
  )
}
