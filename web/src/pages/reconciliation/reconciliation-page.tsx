import { GitBranch, Search } from 'lucide-react'
import { lazy, Suspense, useDeferredValue, useMemo } from 'react'
import { useSearchParams } from 'wouter'
import type {
  GraphRow,
  GraphStateView,
  ObjectList,
  ReconciliationView,
} from '../../../../src/server/contract/reconciliation.ts'
import { useResource } from '../../data/resource.ts'
import { useDrawer } from '../../frame/drawer.tsx'
import { Page } from '../../frame/page.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Select, TextInput } from '../../ui/inputs.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateIcon, stateOrder, stateWord } from '../../ui/state.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { EventsList } from './events-list.tsx'
import { ObjectDrawer } from './object-drawer.tsx'
import { ObjectTable } from './object-table.tsx'
import styles from './reconciliation.module.css'

// The graph's library comes when the graph is first looked at.
const Graph = lazy(async () => ({ default: (await import('./graph.tsx')).Graph }))
const topics = ['reconciliation']

/** Whether Git and the cluster agree, object by object: what needs somebody first. */
export function ReconciliationPage() {
  const { data, error, refetch } = useResource<ReconciliationView>('/reconciliation', { topics })
  const [params, setParams] = useSearchParams()
  const drawer = useDrawer()
  const set = (name: string, value: string | undefined): void =>
    setParams(
      before => {
        const next = new URLSearchParams(before)
        if (value === undefined || value === '') next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const view = params.get('view') ?? 'list'
  const state = stateOrder.find(one => one === params.get('state'))
  const lead = 'What the engine takes from Git, what it applied, and whether the cluster still has it so.'
  return (
    <Page title="Reconciliation" lead={lead} full={view === 'graph'}>
      {error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TableSkeleton label="Loading objects" rows={8} />
      ) : data.cluster === 'none' ? (
        <EmptyState icon={GitBranch} title="This server has no cluster">
          Reconciliation shows what the engine does in a cluster. Start the server with a kubeconfig, or everything at
          once with <code>npm start</code>.
        </EmptyState>
      ) : (
        <>
          {data.trouble !== undefined && (
            <p className={styles.trouble} role="status">
              <StateIcon state="attention" /> The cluster does not answer; what is shown is as it was last seen.{' '}
              {data.trouble}
            </p>
          )}
          <StateFilter counts={data.counts} state={state} onChange={one => set('state', one)} />
          <Tabs
            label="Views"
            value={view}
            onChange={one => set('view', one === 'list' ? undefined : one)}
            tabs={[
              {
                id: 'list',
                title: 'Objects',
                content: <ListView view={data} state={state} params={params} set={set} />,
              },
              {
                id: 'graph',
                title: 'Graph',
                content: (
                  <Suspense fallback={<TableSkeleton label="Loading the graph" rows={8} />}>
                    <Graph root={params.get('root') ?? undefined} rows={data.rows} onRoot={id => set('root', id)} />
                  </Suspense>
                ),
              },
              { id: 'events', title: 'Events', content: <EventsList /> },
            ]}
          />
        </>
      )}
      {drawer.shown !== undefined && <ObjectDrawer key={drawer.shown} id={drawer.shown} onClose={drawer.close} />}
    </Page>
  )
}

/** How many stand how; each is a filter. */
function StateFilter({
  counts,
  state,
  onChange,
}: {
  counts: ReconciliationView['counts']
  state: GraphStateView | undefined
  onChange: (state: GraphStateView | undefined) => void
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look and a legend of its own
    <div className={styles.states} role="group" aria-label="Show objects by state">
      {stateOrder.map(one => (
        <button
          key={one}
          type="button"
          className={styles.state}
          aria-pressed={state === one}
          data-empty={counts[one] === 0 || undefined}
          onClick={() => onChange(state === one ? undefined : one)}
        >
          <StateIcon state={one} />
          <span className={styles.count}>{counts[one].toLocaleString()}</span>
          <span className={styles.stateWord}>{stateWord(one)}</span>
        </button>
      ))}
    </div>
  )
}

/** Kinds of Flux and what needs somebody; on demand everything that was applied. */
function ListView({
  view,
  state,
  params,
  set,
}: {
  view: ReconciliationView
  state: GraphStateView | undefined
  params: URLSearchParams
  set: (name: string, value: string | undefined) => void
}) {
  const drawer = useDrawer()
  const all = params.get('all') !== null || state !== undefined
  const kind = params.get('kind') ?? ''
  const text = useDeferredValue((params.get('q') ?? '').toLowerCase())
  const list = useResource<ObjectList>('/reconciliation/objects', {
    topics,
    enabled: all,
    query: { limit: 10_000, state },
  })
  const rows = useMemo(() => {
    const from = all ? (list.data?.rows ?? []) : [...view.troubled, ...view.rows]
    const found = from.filter(
      row =>
        (kind === '' || row.kind === kind) &&
        (text === '' || `${row.kind}/${row.namespace}/${row.name} ${row.message ?? ''}`.toLowerCase().includes(text)),
    )
    return all ? found : found.sort(worstFirst)
  }, [all, list.data, view, kind, text])
  return (
    <div className={styles.list}>
      <div className={styles.filters}>
        <TextInput
          aria-label="Search by kind, name or message"
          placeholder="Search"
          prefix={<Search size={14} aria-hidden />}
          value={params.get('q') ?? ''}
          onChange={event => set('q', event.target.value)}
          className={styles.search}
        />
        <Select
          aria-label="Kind"
          value={kind}
          onChange={event => set('kind', event.target.value)}
          options={[
            { value: '', label: 'Every kind' },
            ...view.kinds.map(one => ({ value: one.kind, label: `${one.kind} (${one.count.toLocaleString()})` })),
          ]}
        />
        <Select
          aria-label="Which objects"
          value={all ? 'all' : ''}
          disabled={state !== undefined}
          onChange={event => set('all', event.target.value)}
          options={[
            { value: '', label: 'Flux objects, and what is not in order' },
            { value: 'all', label: 'Everything that was applied' },
          ]}
        />
        <span className={styles.total}>
          {rows.length.toLocaleString()} {rows.length === 1 ? 'object' : 'objects'}
          {!all && view.troubledMore > 0 && ` and ${view.troubledMore.toLocaleString()} more that need attention`}
        </span>
      </div>
      {all && list.data === undefined && list.error === null ? (
        <TableSkeleton label="Loading objects" rows={8} />
      ) : list.error !== null && all ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <ObjectTable
          rows={rows}
          current={drawer.shown}
          onOpen={row => drawer.show(row.id)}
          empty={
            view.rows.length === 0 && !all ? (
              <EmptyState
                icon={GitBranch}
                title={view.cluster === 'reading' ? 'Reading the cluster' : 'Nothing is reconciled yet'}
              >
                {view.cluster === 'reading'
                  ? 'The first lists are on their way, or the cluster has no kinds of Flux yet: sluice bootstrap brings them.'
                  : 'The engine follows a Git repository once the fleet is bootstrapped, or your roles reach none of what it applied.'}
              </EmptyState>
            ) : (
              <EmptyState
                icon={Search}
                title="No object is like that"
                action={
                  <Button
                    onClick={() => {
                      for (const name of ['q', 'kind', 'state']) set(name, undefined)
                    }}
                  >
                    Clear the filters
                  </Button>
                }
              >
                Of all that your roles reach, nothing fits the search and filters above.
              </EmptyState>
            )
          }
        />
      )}
    </div>
  )
}

function worstFirst(a: GraphRow, b: GraphRow): number {
  return stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state)
}
