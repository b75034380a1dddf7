import { Package } from 'lucide-react'
import { useState } from 'react'
import type { ChartChange, ChartRepositoryView } from '../../../../src/server/contract/charts.ts'
import type { ApiError } from '../../data/api-error.ts'
import { useMay } from '../../data/session.tsx'
import { Drawer, useDrawer } from '../../frame/drawer.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Facts } from '../../ui/section.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { type State, StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { ReviewChange } from '../changes/review-change.tsx'
import { AddRepository } from './add-repository.tsx'
import { ChangeLogin, NameCharts } from './change-repository.tsx'
import styles from './charts.module.css'
import type { ChartRepositories } from './charts-page.tsx'

const states: Readonly<Record<ChartRepositoryView['state'], { readonly state: State; readonly word: string }>> = {
  ready: { state: 'agreed', word: 'Answers' },
  failed: { state: 'broken', word: 'Fails' },
  unknown: { state: 'paused', word: 'Not asked yet' },
}

const columns: readonly Column<ChartRepositoryView>[] = [
  { id: 'name', header: 'Name', primary: true, width: '18%', cell: r => r.name, sort: r => r.name },
  {
    id: 'state',
    header: 'State',
    width: '150px',
    cell: r => <StateBadge state={states[r.state].state}>{states[r.state].word}</StateBadge>,
    sort: r => r.state,
  },
  { id: 'type', header: 'Kind', width: '80px', cell: r => (r.type === 'oci' ? 'OCI' : 'HTTP') },
  { id: 'url', header: 'Address', cell: r => <code>{r.url}</code> },
  { id: 'charts', header: 'Charts', width: '90px', align: 'end', cell: r => r.chartCount ?? (r.charts.length || '–') },
  { id: 'used', header: 'Releases', width: '90px', align: 'end', from: 'medium', cell: r => r.usedBy.length },
  {
    id: 'checked',
    header: 'Asked',
    width: '110px',
    align: 'end',
    from: 'medium',
    cell: r => (r.checkedAt === undefined ? 'never' : <RelativeTime at={r.checkedAt} />),
  },
]

/** Where charts come from. */
export function Repositories({
  data,
  error,
  onRetry,
}: {
  data: ChartRepositories | undefined
  error: ApiError | null
  onRetry: () => void
}) {
  const drawer = useDrawer()
  const may = useMay()
  const [review, setReview] = useState<{ title: string; change: ChartChange; typed?: string }>()
  const [form, setForm] = useState<{ of: string; what: 'login' | 'charts' }>()
  const open = data?.repositories.find(r => r.name === drawer.shown)
  const what = form !== undefined && form.of === open?.name ? form.what : undefined
  return (
    <>
      {data !== undefined ? (
        <Table
          label="Chart repositories"
          columns={columns}
          rows={data.repositories}
          rowKey={r => r.name}
          rowState={r => (r.state === 'failed' ? 'broken' : undefined)}
          current={drawer.shown}
          onOpen={r => drawer.show(r.name)}
          empty={
            <EmptyState
              icon={Package}
              title="No chart repositories yet"
              action={
                may('operator') && (
                  <Button kind="primary" onClick={() => drawer.show('new')}>
                    Add repository
                  </Button>
                )
              }
            >
              <p>
                A repository is a HelmRepository in Git. Adding one makes one commit, after it was asked whether it
                answers.
              </p>
            </EmptyState>
          }
        />
      ) : error !== null ? (
        <ErrorPanel error={error} onRetry={onRetry} />
      ) : (
        <TableSkeleton label="Loading repositories" />
      )}
      {drawer.shown === 'new' && review === undefined && (
        <Drawer title="Add repository" onClose={drawer.close}>
          <AddRepository
            onReview={wish => setReview({ title: `Add ${wish.name}`, change: { kind: 'add', repository: wish } })}
          />
        </Drawer>
      )}
      {open !== undefined && review === undefined && (
        <Drawer
          key={open.name}
          title={open.name}
          mark={<StateBadge state={states[open.state].state}>{states[open.state].word}</StateBadge>}
          onClose={drawer.close}
          actions={
            may('operator') && open.file !== undefined && what === undefined ? (
              <Button
                kind="danger"
                disabled={open.usedBy.length > 0}
                onClick={() =>
                  setReview({
                    title: `Remove ${open.name}`,
                    change: { kind: 'remove', name: open.name },
                    typed: open.name,
                  })
                }
              >
                Remove repository
              </Button>
            ) : undefined
          }
        >
          <div className={styles.stack}>
            {open.state === 'failed' && <p className={styles.wrong}>{open.message}</p>}
            {open.state === 'unknown' && <p className={styles.quiet}>It was not asked yet: {open.message}.</p>}
            <Facts
              facts={[
                { name: 'Address', value: <code>{open.url}</code> },
                { name: 'Kind', value: open.type === 'oci' ? 'OCI registry' : 'HTTP, with an index' },
                {
                  name: 'Signed in',
                  value: open.hasCredentials ? 'yes; the login is sealed in Git' : 'no, it is open',
                },
                ...(open.type === 'oci'
                  ? [
                      {
                        name: 'Charts',
                        value: open.charts.join(', ') || 'none is named; find one by its address, oci://…',
                      },
                    ]
                  : []),
                {
                  name: 'In Git',
                  value:
                    open.file === undefined ? (
                      'no: somebody made it in the cluster, so it can only be looked at'
                    ) : (
                      <code>{open.file}</code>
                    ),
                },
                {
                  name: 'Used by',
                  value:
                    open.usedBy.map(u => `${u.application} in ${u.environment}`).join(', ') ||
                    'nothing that you may see',
                },
              ]}
            />
            {what === 'login' && (
              <ChangeLogin
                repository={open}
                onCancel={() => setForm(undefined)}
                onReview={change => setReview({ title: `Login of ${open.name}`, change })}
              />
            )}
            {what === 'charts' && (
              <NameCharts
                repository={open}
                onCancel={() => setForm(undefined)}
                onReview={change => setReview({ title: `Charts of ${open.name}`, change })}
              />
            )}
            {what === undefined && may('operator') && open.file !== undefined && (
              <div className={styles.edits}>
                <Button onClick={() => setForm({ of: open.name, what: 'login' })}>
                  {open.hasCredentials ? 'Change login' : 'Set login'}
                </Button>
                {open.type === 'oci' && (
                  <Button onClick={() => setForm({ of: open.name, what: 'charts' })}>Name charts</Button>
                )}
              </div>
            )}
            {what === undefined && open.usedBy.length > 0 && (
              <p className={styles.quiet}>It can be removed when no release comes from it any more.</p>
            )}
          </div>
        </Drawer>
      )}
      {review !== undefined && (
        <ReviewChange
          routes="/charts"
          title={review.title}
          change={review.change}
          typed={review.typed}
          onClose={() => setReview(undefined)}
          onDone={() => {
            setReview(undefined)
            setForm(undefined)
            drawer.close()
          }}
        />
      )}
    </>
  )
}
